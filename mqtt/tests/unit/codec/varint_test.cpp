#include "../support/hex.hpp"
#include "codec/varint.hpp"
#include "codec/writer.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

varint read(std::string_view data) {
    return read_varint(std::as_bytes(std::span{data.data(), data.size()}));
}

TEST(varint, borders_of_each_size_as_in_the_standard) {
    const std::pair<std::uint32_t, const char*> borders[] = {
        {0, "00"},          {127, "7F"},           {128, "8001"},           {16'383, "FF7F"},
        {16'384, "808001"}, {2'097'151, "FFFF7F"}, {2'097'152, "80808001"}, {268'435'455, "FFFFFF7F"}};
    for (const auto& [value, hex] : borders) {
        const auto data = test::raw(hex);
        const auto v = read(data);
        EXPECT_EQ(v.state, varint::status::complete) << hex;
        EXPECT_EQ(v.value, value);
        EXPECT_TRUE(v.minimal);
        EXPECT_EQ(varint_size(value), data.size());
        std::string written(data.size(), '\0');
        writer(reinterpret_cast<std::byte*>(written.data())).variable(value);
        EXPECT_EQ(written, data);
    }
}

TEST(varint, waits_for_at_most_four_bytes) {
    EXPECT_EQ(read("").state, varint::status::incomplete);
    EXPECT_EQ(read(test::raw("80")).state, varint::status::incomplete);
    EXPECT_EQ(read(test::raw("FFFFFF")).state, varint::status::incomplete);
    EXPECT_EQ(read(test::raw("FFFFFFFF")).state, varint::status::too_long);
    EXPECT_EQ(read(test::raw("80808080 01")).state, varint::status::too_long);
}

TEST(varint, knows_forms_that_are_longer_than_needed) {
    for (const char* hex : {"8000", "FF00", "808000", "80808000", "FFFFFF00"}) {
        const auto v = read(test::raw(hex));
        EXPECT_EQ(v.state, varint::status::complete) << hex;
        EXPECT_FALSE(v.minimal) << hex;
    }
}

TEST(varint, looks_at_nothing_behind_its_end) {
    EXPECT_EQ(read(test::raw("05 FF FF FF FF")).size, 1);
}

} // namespace
} // namespace weir::mqtt
