#include "output/mqtt_json.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

namespace weir::tool {
namespace {

std::string name_in_json(const error& e) {
    return to_json(e)["name"];
}

TEST(error_in_json, has_a_name_whatever_its_category) {
    EXPECT_EQ(name_in_json({mqtt::errc::queue_full, "x"}), "queue_full");
    EXPECT_EQ(name_in_json({std::make_error_code(std::errc::timed_out), "x"}), "timed_out");
    EXPECT_EQ(
        name_in_json({std::make_error_code(std::errc::no_space_on_device), "x"}), "no_space_left_on_device");
    EXPECT_EQ(name_in_json(failure("x")), "failed_by_the_application");
}

} // namespace
} // namespace weir::tool
