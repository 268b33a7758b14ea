// A client with a session store is killed, again and again, at moments of chance, against a broker that keeps
// its session. WEIR_KILLS sets how often.
#include "support/child.hpp"
#include "support/store_directory.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace weir::mqtt {
namespace {

using namespace std::chrono_literals;
using test::store_directory;

int kills() {
    const char* const asked = std::getenv("WEIR_KILLS");
    return asked == nullptr ? 24 : std::atoi(asked);
}

class killing : public ::testing::Test {
  protected:
    /// Starts the program that is killed; its output goes to a file of its own.
    weir::testing::child& start(const std::string& mode) {
        log_ = (logs_.path() / std::to_string(++runs_)).string();
        child_.emplace(
            std::vector<std::string>{
                WEIR_STORE_CHILD, mode, store_.path().string(), std::to_string(broker_.port()),
                std::to_string(runs_)},
            log_);
        return *child_;
    }

    /// Waits until its output has `text`.
    [[nodiscard]] bool says(const std::string& text, std::chrono::milliseconds limit = 30s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (std::chrono::steady_clock::now() < end) {
            if (test::content_of(log_).find(text) != std::string::npos) return true;
            if (!child_->running()) return test::content_of(log_).find(text) != std::string::npos;
            std::this_thread::sleep_for(1ms);
        }
        return false;
    }

    /// Some time after it said `text`, and what it had said until then.
    std::string kill_after(const std::string& text) {
        EXPECT_TRUE(says(text)) << test::content_of(log_);
        std::this_thread::sleep_for(
            std::chrono::microseconds{std::uniform_int_distribution{0, 30'000}(chance_)});
        child_->signal(SIGKILL);
        EXPECT_TRUE(child_->wait(10s));
        auto output = test::content_of(log_);
        EXPECT_EQ(output.find("gave up"), std::string::npos) << output;
        return output;
    }

    store_directory store_;
    store_directory logs_;
    testing::accepting_broker broker_;
    std::string log_;
    std::optional<weir::testing::child> child_;
    int runs_{0};
    std::mt19937 chance_{std::random_device{}()};
};

TEST_F(killing, every_publish_that_was_stored_arrives_and_qos2_once) {
    std::mutex mutex;
    std::map<std::string, int> arrived;
    broker_.on_publish([&](const publish& p) {
        const std::lock_guard lock{mutex};
        ++arrived[std::string(p.payload.text())];
    });
    std::set<std::string> stored;
    for (int n = 0; n < kills(); ++n) {
        start("publish");
        std::istringstream lines{kill_after("stored ")};
        for (std::string word, payload; lines >> word >> payload;)
            if (word == "stored") stored.insert(payload);
    }
    start("finish");
    ASSERT_TRUE(says("done")) << test::content_of(log_);
    ASSERT_TRUE(child_->wait(10s));
    const std::lock_guard lock{mutex};
    EXPECT_GT(stored.size(), static_cast<std::size_t>(kills()));
    for (const auto& payload : stored)
        EXPECT_EQ(arrived.count(payload), 1u) << payload << " is lost";
    for (const auto& [payload, times] : arrived)
        EXPECT_LE(times, payload.starts_with("2-") ? 1 : kills() + 1) << payload;
}

struct receipts {
    std::map<std::string, int> times{};                     ///< by payload
    std::map<std::string, std::set<std::string>> numbers{}; ///< by payload
};

class killing_receiver : public killing {
  protected:
    receipts run(const std::string& mode) {
        receipts all;
        int sent = 0;
        for (int n = 0; n < kills(); ++n) {
            start(mode);
            EXPECT_TRUE(says("ready")) << test::content_of(log_);
            for (int i = 0; i < 40; ++i)
                EXPECT_TRUE(broker_.push(
                    {.topic = bytes::over_static("t"),
                     .payload = bytes::copy(std::to_string(sent++)),
                     .qos = qos::exactly_once}));
            take(kill_after("took "), all);
        }
        start(mode);
        EXPECT_TRUE(broker_.wait_for([](const auto& s) { return s.waiting == 0; }, 30s));
        EXPECT_TRUE(says("ready"));
        broker_.push(
            {.topic = bytes::over_static("t"),
             .payload = bytes::over_static("last"),
             .qos = qos::exactly_once});
        EXPECT_TRUE(says(" last\n")) << test::content_of(log_);
        child_->signal(SIGKILL);
        take(test::content_of(log_), all);
        for (int i = 0; i < sent; ++i)
            EXPECT_GE(all.times[std::to_string(i)], 1) << i << " is lost";
        return all;
    }

  private:
    static void take(const std::string& output, receipts& all) {
        std::istringstream lines{output};
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words{line};
            std::string took;
            std::string number;
            std::string payload;
            if (!(words >> took >> number >> payload) || took != "took") continue;
            ++all.times[payload];
            all.numbers[payload].insert(number);
        }
    }
};

TEST_F(killing_receiver, loses_nothing_and_repeats_only_what_it_was_killed_at) {
    const auto all = run("receive");
    int repeated = 0;
    for (const auto& [payload, times] : all.times)
        repeated += times - 1;
    // Between the work and the record of it there is a flush or two: a window at most, for each kill.
    EXPECT_LE(repeated, kills() * 100);
}

TEST_F(killing_receiver, with_the_store_first_has_one_number_for_each_message) {
    const auto all = run("receive_first");
    std::set<std::string> used;
    for (const auto& [payload, numbers] : all.numbers) {
        EXPECT_EQ(numbers.size(), 1u) << payload;
        for (const auto& number : numbers)
            EXPECT_TRUE(used.insert(number).second) << number << " names two messages";
    }
}

} // namespace
} // namespace weir::mqtt
