#include <weir/mqtt/types/errc_name.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace weir::mqtt {
namespace {

TEST(errc, every_value_has_a_sentence_of_its_own) {
    std::set<std::string> sentences;
    for (int value = 1; value <= static_cast<int>(errc::store_corrupt); ++value) {
        const auto text = make_error_code(static_cast<errc>(value)).message();
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("unknown MQTT error"))) << value;
        EXPECT_TRUE(sentences.insert(text).second) << text;
    }
}

TEST(errc, every_value_has_a_name_of_its_own) {
    EXPECT_EQ(to_string(errc::rejected), "rejected");
    EXPECT_EQ(to_string(static_cast<errc>(9999)), "unknown");
    std::set<std::string_view> names;
    for (int value = 1; value <= static_cast<int>(errc::store_corrupt); ++value) {
        EXPECT_NE(to_string(static_cast<errc>(value)), "unknown") << value;
        EXPECT_TRUE(names.insert(to_string(static_cast<errc>(value))).second) << value;
    }
}

TEST(errc, converts_to_a_code_of_the_mqtt_category) {
    const std::error_code code = errc::queue_full;
    EXPECT_STREQ(code.category().name(), "mqtt");
    EXPECT_EQ(code, errc::queue_full);
    EXPECT_NE(code, errc::expired);
}

TEST(errc, a_value_not_in_the_table_says_so) {
    EXPECT_EQ(std::error_code(9999, error_category()).message(), "an unknown MQTT error");
}

} // namespace
} // namespace weir::mqtt
