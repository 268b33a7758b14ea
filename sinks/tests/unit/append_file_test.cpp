#include "append_file.hpp"
#include "support/temp_folder.hpp"

#include <weir/sinks/sink.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace weir::sinks {
namespace {

using testing::read_file;
using testing::write_file;

class append_file_test : public ::testing::Test {
  protected:
    testing::temp_folder folder_;
    std::string path_ = folder_.file("out.jsonl");
};

TEST_F(append_file_test, appends_to_what_is_there) {
    write_file(path_, "old\n");
    append_file(path_, true).append("new\n");
    EXPECT_EQ(read_file(path_), "old\nnew\n");
}

TEST_F(append_file_test, a_torn_last_line_spoils_no_other) {
    write_file(path_, "whole\n{\"topic\":\"a");
    append_file file(path_, true);
    file.append("first\n");
    file.append("second\n");
    EXPECT_EQ(read_file(path_), "whole\n{\"topic\":\"a\nfirst\nsecond\n");
}

TEST_F(append_file_test, a_missing_folder_is_named) {
    try {
        append_file file(folder_.file("none/out.jsonl"), true);
        FAIL();
    } catch (const sink_error& e) {
        EXPECT_NE(std::string(e.what()).find("none/out.jsonl"), std::string::npos) << e.what();
    }
}

TEST_F(append_file_test, a_second_writer_is_refused) {
    const append_file first(path_, true);
    EXPECT_THROW(append_file(path_, true), sink_error);
}

TEST_F(append_file_test, follows_its_name_when_the_file_is_rotated) {
    append_file file(path_, true);
    file.append("one\n");
    std::filesystem::rename(path_, path_ + ".1");
    file.append("two\n");
    EXPECT_EQ(read_file(path_ + ".1"), "one\n");
    EXPECT_EQ(read_file(path_), "two\n");
}

TEST_F(append_file_test, a_full_disk_throws) {
    append_file file("/dev/full", true);
    EXPECT_THROW(file.append("x\n"), sink_error);
}

/// Lets files grow to `bytes` only, as a disk that fills up in the middle of a write.
class file_size_limit {
  public:
    explicit file_size_limit(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limited{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }

    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

    ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

TEST_F(append_file_test, a_group_written_in_part_is_cut_off_and_the_next_one_is_whole) {
    append_file file(path_, true);
    file.append("first\n");
    {
        const file_size_limit limit(10);
        EXPECT_THROW(file.append("too long for the rest\n"), sink_error);
    }
    EXPECT_EQ(read_file(path_), "first\n");
    file.append("second\n");
    EXPECT_EQ(read_file(path_), "first\nsecond\n");
}

TEST_F(append_file_test, a_pipe_without_reader_is_closed_for_good) {
    ::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
    append_file file(path_, true);
    file.append("heard\n");
    ::close(reader);
    EXPECT_THROW(file.append("not heard\n"), sink_closed);
}

} // namespace
} // namespace weir::sinks
