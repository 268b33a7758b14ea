#include <weir/metrics/server.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

namespace weir::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(listen_address, is_an_address_and_a_port) {
    for (const auto* good : {"127.0.0.1:9464", "0.0.0.0:0", "[::1]:65535", "[::]:1"})
        EXPECT_TRUE(is_listen_address(good)) << good;
    for (const auto* bad :
         {"", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:94x", "127.0.0.1:-1",
          "localhost:9464", "::1:9464", "[::1]", "[]:1", "127.0.0.1:80,127.0.0.1:81", "127.0.0.1:80s",
          "+127.0.0.1:80"})
        EXPECT_FALSE(is_listen_address(bad)) << bad;
}

TEST(server, says_where_it_cannot_listen) {
    server first("127.0.0.1:0");
    EXPECT_NE(first.port(), 0);
    const auto same = "127.0.0.1:" + std::to_string(first.port());
    EXPECT_EQ(first.url(), "http://" + same + "/metrics");
    EXPECT_THAT([&] { server second(same); }, ThrowsMessage<std::runtime_error>(HasSubstr(same)));
    EXPECT_THAT([] { server other("80"); }, ThrowsMessage<std::runtime_error>(HasSubstr("80: an address")));
}

} // namespace
} // namespace weir::metrics
