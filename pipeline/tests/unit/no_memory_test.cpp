// What a pipeline does when memory runs out between its callbacks. A program of its own, since it replaces
// operator new.

#include "support/failing_new.hpp"
#include "virtual_test.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events/spans.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using weir::testing::fail_allocation;

class NoMemoryTest : public VirtualTest {
  protected:
    /// The next allocation after a callback on such a message fails.
    void fail_after(int every) {
        f.handle_message = [every](test_message& m) {
            if (m.data % every == 0) fail_allocation(1);
        };
    }

    ~NoMemoryTest() override { fail_allocation(0); }
};

TEST_F(NoMemoryTest, AbandonsWhatWasInHandAndGoesOn) {
    std::size_t ended_badly = 0;
    count_events<processor_exception>(ended_badly);
    fail_after(1'000);
    auto p = begin({.processors = {.concurrency = 1, .max_demand = 4, .min_demand = 0}});
    source->emit_range(0, 100);
    p.run();
    fail_allocation(0);
    EXPECT_EQ(source->settled(), 100U);
    EXPECT_EQ(source->count(outcome::abandoned), 4U) << "the chunk in hand";
    EXPECT_EQ(source->count(outcome::successful), 96U);
    EXPECT_EQ(ended_badly, 1U);
    EXPECT_EQ(p->state(), state::running);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(NoMemoryTest, EndsThePipelineWhenItHappensTooOften) {
    fail_after(1);
    auto p = begin(
        {.processors = {.concurrency = 1, .max_demand = 8, .min_demand = 0},
         .restarts = {.max_restarts = 2}});
    int emitted = 0;
    // Chunks that grow: each needs more memory than the one before.
    for (const int size : {1, 2, 4}) {
        EXPECT_EQ(p->state(), state::running);
        source->emit_range(emitted, size);
        p.run();
        fail_allocation(0);
        emitted += size;
        EXPECT_EQ(source->count(outcome::abandoned), static_cast<std::size_t>(emitted));
    }
    const auto end = p->wait();
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().code, make_error_code(errc::engine_failed));
    EXPECT_EQ(end.error().detail, "std::bad_alloc");
}

} // namespace
} // namespace weir::pipeline::testing
