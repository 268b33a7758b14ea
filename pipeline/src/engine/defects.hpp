#pragma once

#include <weir/pipeline/message.hpp>

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace weir::pipeline::engine {

/// Errors inside of the pipeline itself, such as memory that ran out between two callbacks. The worker has
/// settled what it had in hand as abandoned and goes on; here each waits to be counted. Thread-safe.
class defects {
  public:
    struct defect {
        std::string worker;
        std::string text;
    };

    void note(std::string worker, std::string text) {
        const std::scoped_lock lock{mutex_};
        if (noted_.size() < max_noted) noted_.push_back({std::move(worker), std::move(text)});
    }

    [[nodiscard]] bool any() const {
        const std::scoped_lock lock{mutex_};
        return !noted_.empty();
    }

    [[nodiscard]] std::deque<defect> take() {
        const std::scoped_lock lock{mutex_};
        return std::exchange(noted_, {});
    }

  private:
    static constexpr std::size_t max_noted = 1'000; // more than any budget worth the name bears at once

    mutable std::mutex mutex_;
    std::deque<defect> noted_;
};

struct control;

/// In a catch clause around the pipeline's own code: what was thrown, which is logged and noted.
[[nodiscard]] failure_info capture_defect(control& shared);

} // namespace weir::pipeline::engine
