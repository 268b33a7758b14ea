#include "run/report_file.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace weir::tool {
namespace {

TEST(report_file, replaces_the_old_one_and_leaves_no_draft) {
    const testing::temp_folder folder;
    const auto file = folder.file("report.json");
    write_report(file, "old\n");
    write_report(file, "new\n");
    EXPECT_EQ(testing::read_file(file), "new\n");
    EXPECT_FALSE(std::filesystem::exists(file + ".new"));
}

TEST(report_file, a_folder_that_is_not_there_is_named) {
    EXPECT_THROW(write_report("/nonexistent/report.json", "x"), std::runtime_error);
}

} // namespace
} // namespace weir::tool
