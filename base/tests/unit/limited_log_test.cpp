#include <weir/base/limited_log.hpp>

#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

struct set_by_hand final : time_source {
    time_point now() const noexcept override { return at; }

    system_time_point system_now() const noexcept override { return {}; }

    time_point at{std::chrono::hours{1}};
};

/// Keeps lines in place of writing them.
class lines_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    std::vector<std::string> lines;

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines.emplace_back(message.payload.data(), message.payload.size());
    }

    void flush_() override {}
};

class limited_logs : public ::testing::Test {
  protected:
    limited_logs()
        : before_(spdlog::default_logger()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("lines", sink_));
    }

    ~limited_logs() override { spdlog::set_default_logger(before_); }

    std::shared_ptr<spdlog::logger> before_;
    std::shared_ptr<lines_sink> sink_{std::make_shared<lines_sink>()};
    set_by_hand time_;
};

TEST_F(limited_logs, write_ten_lines_a_second_and_then_how_many_were_left_out) {
    limited_log log{log_level::warning, "complaints", time_};
    for (int i = 0; i < 1'000; ++i)
        log.write("a complaint");
    EXPECT_EQ(sink_->lines, std::vector<std::string>(10, "a complaint"));
    EXPECT_EQ(log.left_out(), 990u);
    time_.at += 999ms;
    log.write("a complaint");
    EXPECT_EQ(sink_->lines.size(), 10u);
    time_.at += 1ms;
    log.write("another");
    ASSERT_EQ(sink_->lines.size(), 12u);
    EXPECT_EQ(sink_->lines[10], "991 more complaints were left out");
    EXPECT_EQ(sink_->lines[11], "another");
}

TEST_F(limited_logs, of_other_kinds_are_not_held_up) {
    limited_log one{log_level::warning, "complaints", time_};
    limited_log other{log_level::error, "errors", time_};
    for (int i = 0; i < 20; ++i)
        one.write("a complaint");
    other.write("an error");
    EXPECT_EQ(sink_->lines.back(), "an error");
}

TEST_F(limited_logs, leave_nothing_uncounted_at_their_end) {
    {
        limited_log log{log_level::warning, "complaints", time_};
        for (int i = 0; i < 12; ++i)
            log.write("a complaint");
    }
    EXPECT_EQ(sink_->lines.back(), "2 more complaints were left out");
    const auto written = sink_->lines.size();
    { limited_log log{log_level::warning, "complaints", time_}; }
    EXPECT_EQ(sink_->lines.size(), written);
}

} // namespace
} // namespace weir
