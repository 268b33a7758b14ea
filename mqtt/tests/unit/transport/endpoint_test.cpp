#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using enum transport_kind;

struct row {
    std::string text;
    endpoint meant;
};

class understood : public ::testing::TestWithParam<row> {};

TEST_P(understood, as_meant) {
    const auto got = parse_endpoint(GetParam().text);
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(*got, GetParam().meant) << to_string(got->kind) << ' ' << got->text() << ' ' << got->path;
}

INSTANTIATE_TEST_SUITE_P(
    endpoints, understood,
    ::testing::Values(
        row{"broker", {tcp, "broker", 1883}}, row{"broker:1884", {tcp, "broker", 1884}},
        row{"10.0.0.1", {tcp, "10.0.0.1", 1883}}, row{"::1", {tcp, "::1", 1883}},
        row{"[::1]", {tcp, "::1", 1883}}, row{"[fe80::1]:7", {tcp, "fe80::1", 7}},
        row{"fe80::1%eth0", {tcp, "fe80::1%eth0", 1883}}, row{"[fe80::1%lo]:7", {tcp, "fe80::1%lo", 7}},
        row{"mqtt://broker", {tcp, "broker", 1883}}, row{"tcp://broker:5/", {tcp, "broker", 5}},
        row{"mqtts://broker", {tls, "broker", 8883}}, row{"ssl://broker", {tls, "broker", 8883}},
        row{"TLS://broker:9", {tls, "broker", 9}}, row{"ws://broker", {ws, "broker", 80}},
        row{"ws://broker/mqtt", {ws, "broker", 80, "/mqtt"}},
        row{"wss://broker/a/b?c=d", {wss, "broker", 443, "/a/b", "c=d"}},
        row{"wss://[::1]:8084/x", {wss, "::1", 8084, "/x"}},
        row{"unix:///run/broker.sock", {unix_socket, "/run/broker.sock", 0}}));

class refused : public ::testing::TestWithParam<std::string> {};

TEST_P(refused, with_a_reason) {
    const auto got = parse_endpoint(GetParam());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::option_invalid);
    EXPECT_FALSE(got.error().detail.empty());
}

INSTANTIATE_TEST_SUITE_P(
    endpoints, refused,
    ::testing::Values(
        "", "http://broker", "quic://broker", "broker:0", "broker:65536", "broker:x", "broker:", ":1883",
        "mqtt://", "[::1", "[broker]:1", "a b", "mqtt://user:secret@broker", "mqtt://broker/path",
        "unix://relative", "mqtts://broker:port", "broker:1883:1883", "mqtt://broker:1:2", "::x", "1:2:3"));

TEST(endpoint_defaults, stand_in_for_what_the_text_leaves_out) {
    EXPECT_EQ(*parse_endpoint("broker", {.kind = wss}), (endpoint{wss, "broker", 443}));
    EXPECT_EQ(*parse_endpoint("broker", {.kind = tls, .port = 5}), (endpoint{tls, "broker", 5}));
    EXPECT_EQ(*parse_endpoint("ws://broker", {.kind = tls, .port = 5}), (endpoint{ws, "broker", 5}));
}

TEST(endpoint_text, can_be_read_again) {
    EXPECT_EQ((endpoint{tcp, "::1", 1883}).text(), "[::1]:1883");
    EXPECT_EQ((endpoint{tls, "broker", 8883}).text(), "broker:8883");
    EXPECT_EQ((endpoint{unix_socket, "/run/b", 0}).text(), "/run/b");
}

TEST(endpoint_parser, never_repeats_a_secret) {
    EXPECT_EQ(
        parse_endpoint("mqtt://user:secret@broker").error().message().find("secret"), std::string::npos);
}

} // namespace
} // namespace weir::mqtt
