#include "test_pipeline.hpp"

#include <weir/pipeline/per_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace weir::pipeline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

struct lives {
    std::mutex mutex;
    std::multiset<std::thread::id> made;
    std::multiset<std::thread::id> destroyed;
    std::atomic<int> foreign_calls{0};
};

/// Knows the thread it was made on.
class bound_handler {
  public:
    explicit bound_handler(lives& l)
        : lives_(&l) {
        const std::scoped_lock lock{l.mutex};
        l.made.insert(home_);
    }

    bound_handler(const bound_handler&) = delete;
    bound_handler& operator=(const bound_handler&) = delete;

    ~bound_handler() {
        const std::scoped_lock lock{lives_->mutex};
        lives_->destroyed.insert(std::this_thread::get_id());
    }

    void handle_message(test_message&) { check(); }

    void handle_batch(test_batch&) { check(); }

    void check() {
        if (std::this_thread::get_id() != home_) ++lives_->foreign_calls;
    }

  private:
    lives* lives_;
    std::thread::id home_{std::this_thread::get_id()};
};

TEST(PerWorker, EachWorkerHasAHandlerOfItsOwnFromItsFirstMessageToItsLast) {
    lives l;
    auto source = std::make_shared<test_source>();
    auto p = start<int>(
        {.name = "own", .processors = {.concurrency = 3}, .batchers = {{.batch_size = 2, .concurrency = 2}}},
        {source}, per_worker{[&l] { return bound_handler{l}; }}, &decode);
    EXPECT_THAT(l.made, SizeIs(5)) << "3 processors and 2 batch processors have theirs when start returns";
    source->emit_range(0, 100);
    ASSERT_TRUE(source->wait_settled(100));
    EXPECT_TRUE(p.stop().drained);
    { const auto gone = std::move(p); }
    EXPECT_EQ(l.foreign_calls, 0);
    EXPECT_EQ(l.made, l.destroyed) << "made and destroyed on the same threads";
}

TEST(PerWorker, AFactoryThatThrowsMakesTheStartFailAndLeavesNothingBehind) {
    std::atomic<int> calls{0};
    const auto start_one = [&](bool failing) {
        auto source = std::make_shared<test_source>();
        return start<int>(
            {.name = "factory", .processors = {.concurrency = 3}}, {source}, per_worker{[&] {
                if (++calls == 2 && failing) throw std::runtime_error{"no connection"};
                return function_handler{std::make_shared<callbacks>()};
            }},
            &decode);
    };
    try {
        static_cast<void>(start_one(true));
        FAIL() << "must throw";
    } catch (const std::runtime_error& e) {
        EXPECT_THAT(e.what(), HasSubstr("no connection"));
    }
    auto p = start_one(false); // the name is free again
    EXPECT_TRUE(p.stop().drained);
}

} // namespace
} // namespace weir::pipeline::testing
