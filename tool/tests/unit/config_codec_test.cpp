#include "config/codec.hpp"
#include "config/names.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir::tool {
namespace {

using namespace std::chrono_literals;

/// What a codec makes of one TOML value.
template <class T>
std::optional<T> read(const codec<T>& c, const std::string& value) {
    const auto root = toml::parse("v = " + value);
    return c.read(*root.get("v"));
}

TEST(duration, needs_a_number_and_a_unit) {
    EXPECT_EQ(parse_duration("200ms"), 200ms);
    EXPECT_EQ(parse_duration("1.5s"), 1'500ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("1d"), 24h);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    for (const auto* bad :
         {"", "5", "s", "-1s", "5 s", "5sec", "1e3s", "nan s", "inf", "0.5ms", "1s2", "99999999999d"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(duration, is_written_so_that_it_reads_back) {
    for (const auto d : {0ms, 1ms, 999ms, 1'000ms, 1'001ms, 86'400'000ms})
        EXPECT_EQ(parse_duration(to_string(d)), d) << to_string(d);
}

TEST(codec, time_span_refuses_a_bare_number) {
    EXPECT_EQ(read(time_span(), "\"30s\""), 30s);
    EXPECT_FALSE(read(time_span(), "30"));
    EXPECT_FALSE(read(time_span(), "true"));
}

TEST(codec, second_count_takes_numbers_and_durations) {
    const auto c = second_count(65'535);
    EXPECT_EQ(read(c, "0"), 0u);
    EXPECT_EQ(read(c, "65535"), 65'535u);
    EXPECT_EQ(read(c, "\"2m\""), 120u);
    for (const auto* bad : {"65536", "-1", "\"1500ms\"", "\"1d\"", "\"60\"", "1.5"})
        EXPECT_FALSE(read(c, bad)) << bad;
}

TEST(codec, integer_keeps_its_bounds) {
    const auto c = integer<std::uint16_t>(1, 65'535);
    EXPECT_EQ(read(c, "1"), 1);
    EXPECT_EQ(read(c, "65535"), 65'535);
    for (const auto* bad : {"0", "65536", "-1", "1.0", "\"1\"", "true"})
        EXPECT_FALSE(read(c, bad)) << bad;
}

TEST(codec, qos_takes_numbers_and_every_name) {
    const auto c = one_of_or_number(qos_names(), 2);
    for (const auto* one : {"1", "\"qos1\"", "\"at_least_once\""})
        EXPECT_EQ(read(c, one), mqtt::qos::at_least_once) << one;
    for (const auto* two : {"2", "\"qos2\"", "\"exactly_once\""})
        EXPECT_EQ(read(c, two), mqtt::qos::exactly_once) << two;
    for (const auto* bad : {"3", "-1", "\"1\"", "\"qos3\"", "true"})
        EXPECT_FALSE(read(c, bad)) << bad;
    EXPECT_EQ(c.write(mqtt::qos::at_most_once), "\"at_most_once\"");
}

TEST(codec, protocol_version_takes_every_common_name) {
    const auto c = one_of(protocol_names());
    for (const auto* v5 : {"\"v5\"", "\"5\"", "\"5.0\""})
        EXPECT_EQ(read(c, v5), mqtt::protocol_version::v5);
    for (const auto* v4 : {"\"v4\"", "\"3.1.1\""})
        EXPECT_EQ(read(c, v4), mqtt::protocol_version::v4);
    for (const auto* v3 : {"\"v3\"", "\"3.1\""})
        EXPECT_EQ(read(c, v3), mqtt::protocol_version::v3);
    EXPECT_FALSE(read(c, "\"v6\""));
    EXPECT_EQ(c.write(mqtt::protocol_version::v4), "\"v4\"");
}

TEST(toml_string, gives_a_toml_string_that_reads_back) {
    std::string all;
    for (int c = 1; c < 0x80; ++c)
        all += static_cast<char>(c);
    all += "\xC3\xBC";
    EXPECT_EQ(read(text(), toml_string(all)), all);
}

} // namespace
} // namespace weir::tool
