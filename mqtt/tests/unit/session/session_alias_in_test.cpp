// Topic aliases of the server, and the memory they may take.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

client_options with_aliases(std::uint16_t maximum, std::size_t bytes) {
    auto o = of_version(protocol_version::v5);
    o.topic_alias_maximum = maximum;
    o.alias_bytes = bytes;
    return o;
}

publish aliased(std::uint32_t alias, const std::string& topic) {
    auto p = qos0();
    p.topic = bytes::copy(topic);
    p.props.set(property_id::topic_alias, alias);
    return p;
}

std::optional<std::uint32_t> offered(const client_options& o) {
    session_driver d{o};
    return d.open().props.number(property_id::topic_alias_maximum);
}

TEST(session_alias_in, no_more_are_offered_than_there_is_memory_for) {
    EXPECT_EQ(offered(of_version(protocol_version::v5)), std::nullopt);
    EXPECT_EQ(offered(with_aliases(4, 256 * 1024)), 4u);
    EXPECT_EQ(offered(with_aliases(5, 256 * 1024)), 4u);
    EXPECT_EQ(offered(with_aliases(100, 200 * 1024)), 3u);
    EXPECT_EQ(offered(with_aliases(65'535, std::size_t{65'535} * 64 * 1024)), 65'535u);
}

TEST(session_alias_in, what_was_not_offered_is_not_taken) {
    session_driver d{with_aliases(100, 128 * 1024)};
    d.accept();
    d.server(aliased(2, "a"));
    EXPECT_EQ(d.count<message_received>(), 1u);
    d.server(aliased(3, "b"));
    expect_closed(d, reason_code::topic_alias_invalid);
}

TEST(session_alias_in, their_bytes_are_counted_and_stay_within_the_bound) {
    session_driver d{with_aliases(2, 128 * 1024)};
    d.accept();
    const std::string longest(65'535, 'x');
    for (int round = 0; round < 3; ++round) {
        d.server({aliased(1, longest), aliased(2, longest)});
        EXPECT_EQ(d.client.stats().alias_bytes, 2 * longest.size());
    }
    d.server(aliased(1, "short"));
    EXPECT_EQ(d.client.stats().alias_bytes, longest.size() + 5);
    d.reconnect(false);
    EXPECT_EQ(d.client.stats().alias_bytes, 0u);
}

} // namespace
} // namespace weir::mqtt
