// At each bound of the table, with a broker that floods or is stuck and callers that never let up, the memory
// of the process is flat. A program of its own, since it measures the process. WEIR_BOUNDS_SECONDS says for
// how long, for each row. The bound of what is read ahead of a WebSocket's owner is in
// websocket_pause_test.cpp.
#include "bounds_rows.hpp"
#include "support/eventually.hpp"
#include "support/resident_bytes.hpp"
#include "support/sanitized.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <thread>

namespace weir::mqtt {
namespace {

using weir::testing::eventually;
using weir::testing::resident_bytes;

std::chrono::milliseconds measured_time() {
    const char* const asked = std::getenv("WEIR_BOUNDS_SECONDS");
    return asked == nullptr ? 1'000ms : std::chrono::milliseconds{1'000 * std::atoi(asked)};
}

/// Forgets what it is given.
class forgetful_observer final : public client_observer {
  public:
    void on_messages(std::span<message_received> messages) override {
        for (const auto& m : messages)
            if (const ack_outcome one{.token = m.token, .verdict = ack_outcome::decision::defer};
                deferring != nullptr)
                deferring->acknowledge({&one, 1});
    }

    client* deferring{nullptr};
};

class bounds_memory : public ::testing::TestWithParam<bound> {
  protected:
    ~bounds_memory() override { over_ = true; }

    /// For a client that comes again and again: what one conversation threw ends only its connection.
    [[nodiscard]] std::vector<conversation> conversations() {
        const auto serve = [this](broker_connection& c) {
            broker_side side{c, over_};
            try {
                GetParam().broker(side);
            } catch (const testing::script_failure&) {
            }
            c.close();
        };
        return std::vector<conversation>(
            GetParam().connections,
            conversation{}.within(1h).accept(GetParam().answer).run("the bound", serve));
    }

    [[nodiscard]] client_options options() const {
        auto o = quick_options(broker_->port(), GetParam().version);
        o.backoff_min = 1ms;
        o.backoff_max = 2ms;
        o.keepalive = 0s;
        o.ack_timeout = 1h;
        o.write_timeout = 1h;
        o.close_timeout = 100ms;
        o.send_queue_messages = 1'000;
        GetParam().options(o);
        return o;
    }

    /// One more push of the application, and through: all of its calls have been taken.
    void push() {
        if (!GetParam().caller) return std::this_thread::sleep_for(2ms);
        std::promise<void> done;
        lane_.post([&] {
            GetParam().caller(*client_);
            client_->demand(1); // woken by now
            lane_.post([&] { done.set_value(); });
        });
        done.get_future().wait();
    }

    void push_for(std::chrono::milliseconds time, const std::function<void()>& look) {
        for (const auto until = clock::now() + time; clock::now() < until;) {
            push();
            look();
        }
    }

    std::atomic<bool> over_{false};
    io_lane lane_{"bounds"};
    forgetful_observer observer_;
    std::optional<test_broker> broker_;
    std::unique_ptr<client> client_;
};

TEST_P(bounds_memory, is_flat_at_the_bound) {
    if (weir::testing::is_sanitized) GTEST_SKIP() << "a sanitizer's own memory is in the way";
    broker_.emplace(conversations());
    client_ = std::make_unique<client>(lane_, options(), observer_);
    if (GetParam().defers) observer_.deferring = client_.get();
    if (GetParam().takes_messages) client_->demand(endless);
    client_->start();
    ASSERT_TRUE(eventually([&] {
        push();
        return GetParam().reached(client_->stats());
    })) << "the bound is not reached";
    push_for(measured_time() / 2, [] {}); // whatever is kept for reuse fills up, too
    const auto before = resident_bytes();
    auto most = before;
    push_for(measured_time(), [&] { most = std::max(most, resident_bytes()); });
    EXPECT_TRUE(GetParam().reached(client_->stats()));
    // In a short run blocks that all connections of the lane read into may be taken for the first time.
    EXPECT_LE(most, before + std::max<std::size_t>(before / 10, 4u << 20));
    std::cout << "resident: " << (before >> 10) << " KiB at the bound, at most " << (most >> 10) << " KiB "
              << measured_time().count() << " ms later\n";
    over_ = true;
    client_->abort();
}

INSTANTIATE_TEST_SUITE_P(table, bounds_memory, ::testing::ValuesIn(all_bounds()), [](const auto& row) {
    return row.param.name;
});

} // namespace
} // namespace weir::mqtt
