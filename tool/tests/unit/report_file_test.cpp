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

TEST(report_file, what_could_not_be_written_at_the_end_is_refused_at_the_start) {
    const testing::temp_folder folder;
    EXPECT_NO_THROW(check_report(folder.file("report.json")));
    EXPECT_NO_THROW(check_report("-"));
    EXPECT_THROW(check_report("/nonexistent/report.json"), std::runtime_error);
    EXPECT_THROW(check_report(folder.path().string()), std::runtime_error);
}

} // namespace
} // namespace weir::tool
