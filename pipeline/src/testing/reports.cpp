#include <weir/pipeline/testing/reports.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace weir::pipeline::testing {
namespace {

std::uint64_t fresh_reference() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1) + 1;
}

} // namespace

class reports::collector final : public acknowledger, public std::enable_shared_from_this<collector> {
  public:
    const std::uint64_t reference{fresh_reference()};

    void settle(std::span<const settlement> settlements) override {
        std::shared_ptr<collector> last; // goes when everything else in here is done
        {
            const std::scoped_lock lock{mutex_};
            list_.push_back(make_report(reference, settlements));
            covered_ += settlements.size();
            if (covered_ >= expected_) last = std::exchange(alive_, nullptr);
        }
        changed_.notify_all();
    }

    void expect(std::size_t count) {
        std::shared_ptr<collector> last;
        const std::scoped_lock lock{mutex_};
        expected_ = count;
        last = std::exchange(alive_, covered_ < expected_ ? shared_from_this() : nullptr);
    }

    [[nodiscard]] std::size_t expected() const {
        const std::scoped_lock lock{mutex_};
        return expected_;
    }

    [[nodiscard]] std::size_t covered() const {
        const std::scoped_lock lock{mutex_};
        return covered_;
    }

    [[nodiscard]] list wait(std::size_t count, std::chrono::milliseconds limit) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, limit, [&] { return covered_ >= count; });
        return list_;
    }

  private:
    mutable std::mutex mutex_; // guards all below
    std::condition_variable changed_;
    list list_;
    std::size_t covered_{0};
    std::size_t expected_{0};
    std::shared_ptr<collector> alive_; // itself, as long as messages are out
};

reports::reports()
    : collector_(std::make_shared<collector>()) {}

std::uint64_t reports::reference() const noexcept {
    return collector_->reference;
}

acknowledger& reports::owner() const noexcept {
    return *collector_;
}

void reports::expect(std::size_t count) const {
    collector_->expect(count);
}

std::size_t reports::expected() const {
    return collector_->expected();
}

reports::list reports::wait(std::size_t count, std::chrono::milliseconds limit) const {
    return collector_->wait(count, limit);
}

reports::list reports::wait_all(std::chrono::milliseconds limit) const {
    return wait(expected(), limit);
}

std::size_t reports::covered() const {
    return collector_->covered();
}

std::size_t reports::count(outcome o) const {
    std::size_t sum = 0;
    for (const auto& r : wait(0, {}))
        sum += r.count(o);
    return sum;
}

std::vector<ending> reports::endings() const {
    std::vector<ending> all;
    for (const auto& r : wait(0, {}))
        all.insert(all.end(), r.endings.begin(), r.endings.end());
    return all;
}

} // namespace weir::pipeline::testing
