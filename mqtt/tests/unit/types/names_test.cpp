#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <gtest/gtest.h>

#include <set>

namespace weir::mqtt {
namespace {

TEST(names, reason_codes_of_the_standard_have_names_of_their_own) {
    std::set<std::string_view> seen;
    int named = 0;
    for (int code = 0; code < 256; ++code) {
        const auto name = to_string(static_cast<reason_code>(code));
        if (name == "unknown") continue;
        ++named;
        EXPECT_TRUE(seen.insert(name).second) << name;
    }
    EXPECT_EQ(named, 43);
    EXPECT_EQ(to_string(reason_code::quota_exceeded), "quota_exceeded");
    EXPECT_EQ(to_string(static_cast<reason_code>(0x7F)), "unknown");
}

TEST(names, codes_from_0x80_on_are_failures) {
    EXPECT_FALSE(is_failure(reason_code::success));
    EXPECT_FALSE(is_failure(static_cast<reason_code>(0x7F)));
    EXPECT_TRUE(is_failure(reason_code::unspecified_error));
    EXPECT_TRUE(is_failure(static_cast<reason_code>(0xFF)));
}

TEST(names, return_codes_of_3_x) {
    EXPECT_EQ(to_string(connect_return_code::accepted), "accepted");
    EXPECT_EQ(to_string(connect_return_code::not_authorized), "not_authorized");
    EXPECT_EQ(to_string(static_cast<connect_return_code>(6)), "unknown");
}

TEST(names, versions_and_qos_as_options_have_them) {
    EXPECT_EQ(to_string(protocol_version::v3), "v3");
    EXPECT_EQ(to_string(protocol_version::v4), "v4");
    EXPECT_EQ(to_string(protocol_version::v5), "v5");
    EXPECT_EQ(to_string(qos::at_most_once), "at_most_once");
    EXPECT_EQ(to_string(qos::at_least_once), "at_least_once");
    EXPECT_EQ(to_string(qos::exactly_once), "exactly_once");
}

TEST(names, packets_as_the_standard_writes_them) {
    EXPECT_EQ(to_string(packet_type::connect), "CONNECT");
    EXPECT_EQ(to_string(packet_type::auth), "AUTH");
    EXPECT_EQ(to_string(static_cast<packet_type>(0)), "unknown");
}

} // namespace
} // namespace weir::mqtt
