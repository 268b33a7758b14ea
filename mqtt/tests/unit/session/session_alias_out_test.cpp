// Topic aliases for what the client sends [MQTT 5.0, 3.3.2.3.4].
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

/// "topic@alias" of a PUBLISH.
std::string shape(const packet& p) {
    const auto& one = std::get<publish>(p);
    const auto alias = one.props.number(property_id::topic_alias);
    return std::string(one.topic.text()) + (alias ? "@" + std::to_string(*alias) : "");
}

using shapes = std::vector<std::string>;

class session_alias_out : public testing::Test {
  protected:
    void start(topic_alias_out mode) {
        auto o = lasting();
        o.topic_alias_out = mode;
        d = std::make_unique<session_driver>(o);
    }

    void accept(std::uint32_t maximum, bool session_present = false) {
        connack c{session_present, 0, {}};
        if (maximum != 0) c.props.set(property_id::topic_alias_maximum, maximum);
        d->accept(c);
    }

    result<operation_id> publish_to(
        std::string_view topic, qos level = qos::at_most_once, std::uint32_t alias = 0) {
        auto m = to_publish(level);
        m.topic = bytes::copy(topic);
        if (alias != 0) m.props.set(property_id::topic_alias, alias);
        return d->client.publish(std::move(m), d->now, d->happened);
    }

    std::vector<std::string> sent() {
        std::vector<std::string> all;
        for (const auto& p : d->sent())
            all.push_back(shape(p));
        return all;
    }

    std::unique_ptr<session_driver> d;
};

TEST_F(session_alias_out, chooses_aliases_for_the_topics_used_last) {
    start(topic_alias_out::automatic);
    accept(2);
    for (const char* topic : {"a", "a", "b", "a", "c", "a", "b"})
        EXPECT_TRUE(publish_to(topic));
    // "c" takes the alias of "b", which was used longest ago, then "b" that of "c"
    EXPECT_EQ(sent(), (shapes{"a@1", "@1", "b@2", "@1", "c@2", "@1", "b@2"}));
}

TEST_F(session_alias_out, uses_none_where_the_server_takes_none) {
    start(topic_alias_out::automatic);
    accept(0);
    EXPECT_TRUE(publish_to("a"));
    EXPECT_EQ(sent(), (shapes{"a"}));
}

TEST_F(session_alias_out, a_mapping_ends_with_its_connection) {
    start(topic_alias_out::automatic);
    accept(2);
    EXPECT_TRUE(publish_to("a", qos::at_least_once));
    EXPECT_TRUE(publish_to("a", qos::at_least_once));
    EXPECT_EQ(sent(), (shapes{"a@1", "@1"}));
    d->lose();
    EXPECT_TRUE(publish_to("a", qos::at_least_once));
    accept(2, true);
    EXPECT_EQ(sent(), (shapes{"a", "a", "a@1"})) << "what is sent again carries its whole topic";
}

TEST_F(session_alias_out, may_be_chosen_by_message) {
    start(topic_alias_out::off);
    EXPECT_TRUE(publish_to("a", qos::at_least_once, 2)) << "it waits with its topic";
    accept(2);
    EXPECT_TRUE(publish_to("a", qos::at_most_once, 2));
    EXPECT_TRUE(publish_to("b", qos::at_most_once, 2)); // set anew
    EXPECT_TRUE(publish_to("b", qos::at_most_once, 2));
    EXPECT_TRUE(publish_to("b"));
    EXPECT_EQ(sent(), (shapes{"a@2", "@2", "b@2", "@2", "b"}));
}

TEST_F(session_alias_out, those_that_may_not_be_are_refused) {
    start(topic_alias_out::off);
    accept(2);
    EXPECT_EQ(publish_to("", qos::at_most_once, 1).error(), error{errc::topic_name_invalid});
    auto zero = to_publish(qos::at_most_once);
    zero.props.set(property_id::topic_alias, 0u);
    EXPECT_EQ(d->client.publish(zero, d->now, d->happened).error(), error{errc::property_invalid});
    EXPECT_TRUE(publish_to("a", qos::at_most_once, 3));
    EXPECT_EQ(d->last<publish_done>().failed, error{errc::property_invalid});
    EXPECT_EQ(sent(), (shapes{}));
    start(topic_alias_out::automatic);
    EXPECT_EQ(publish_to("a", qos::at_most_once, 1).error(), error{errc::property_invalid});
}

TEST_F(session_alias_out, gives_way_to_the_largest_packet_the_server_takes) {
    start(topic_alias_out::automatic);
    connack c;
    c.props.set(property_id::topic_alias_maximum, 5u).set(property_id::maximum_packet_size, 7u);
    d->accept(c);
    EXPECT_TRUE(publish_to("a")); // 7 bytes without an alias
    EXPECT_EQ(sent(), (shapes{"a"}));
}

} // namespace
} // namespace weir::mqtt
