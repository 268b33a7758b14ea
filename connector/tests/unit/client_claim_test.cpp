#include "client_claim.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <stdexcept>

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

producer_context context(std::string pipeline, std::string id, std::uint16_t port) {
    producer_context c{
        .pipeline = std::move(pipeline),
        .index = 0,
        .client_id = std::move(id),
        .options = {},
        .bus = nullptr,
        .time = real_time()};
    c.options.config.host = "broker.test";
    c.options.config.port = port;
    return c;
}

TEST(client_claim, is_refused_while_another_pipeline_of_the_process_has_the_id) {
    std::optional<client_claim> first(context("one", "id_0", 1883));
    EXPECT_THAT(
        [] { const client_claim second(context("two", "id_0", 1883)); },
        ThrowsMessage<std::invalid_argument>(
            AllOf(HasSubstr("id_0"), HasSubstr("pipeline one"), HasSubstr("broker.test:1883"))));
    const client_claim other_id(context("two", "id_1", 1883));
    const client_claim other_broker(context("two", "id_0", 1884));
    first.reset();
    EXPECT_NO_THROW(const client_claim again(context("two", "id_0", 1883)));
}

TEST(client_claim, covers_every_host_of_a_list) {
    auto several = context("one", "id_0", 1883);
    several.options.config.host.clear();
    several.options.config.hosts = {"a.test:1883", "b.test:1883"};
    const client_claim first(several);
    auto same = context("two", "id_0", 1883);
    same.options.config.host = "b.test";
    EXPECT_THROW(const client_claim second(same), std::invalid_argument);
}

} // namespace
} // namespace weir::connector
