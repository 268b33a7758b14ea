#include <weir/base/text.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir {
namespace {

using namespace std::string_literals;

TEST(text, accepts_every_length_of_utf8) {
    for (const auto& good :
         {""s, "plain"s, "\0"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEF\xBF\xBF"s,
          "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "Gr\xC3\xBC\xC3\x9F \xF0\x9F\x9A\x8B"s})
        EXPECT_TRUE(is_utf8(good)) << good;
}

TEST(text, refuses_what_is_not_utf8) {
    for (const auto& bad :
         {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC2"s, "\xC2\x41"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
          "\xED\xBF\xBF"s, "\xE2\x82"s, "\xE2\x82\x41"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s,
          "\xF5\x80\x80\x80"s, "\xFF"s, "ok\xF0\x9F\x9A"s})
        EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
}

TEST(text, base64_follows_the_vectors_of_rfc_4648) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("\xFF\xFE\x00"s), "//4A");
}

TEST(text, timestamps_are_utc_with_microseconds) {
    constexpr auto a_moment = system_time_point{std::chrono::microseconds{1'740'816'930'000'125}};
    EXPECT_EQ(to_iso8601(a_moment), "2025-03-01T08:15:30.000125Z");
    EXPECT_EQ(to_iso8601(system_time_point{}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_iso8601(system_time_point{std::chrono::nanoseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

} // namespace
} // namespace weir
