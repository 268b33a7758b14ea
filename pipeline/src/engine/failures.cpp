#include "engine/failures.hpp"

namespace weir::pipeline::engine {

void failures::collect(message_run& run, callbacks& calls) {
    heads_ = run.heads();
    for (std::size_t i = 0; i < heads_.size(); ++i)
        if (heads_[i].failure != nullptr) indices_.push_back(static_cast<std::uint32_t>(i));
    if (indices_.empty() || moved_ == nullptr) return;
    for (const auto i : indices_)
        steps_.push_back({i, moved_.get()});
    stages_.move(run, steps_);
    calls.handle_failed(*moved_);
}

std::string_view failures::reason(std::size_t nth) const noexcept {
    const auto& why = moved_ != nullptr ? moved_->heads()[nth].failure : heads_[indices_[nth]].failure;
    return why != nullptr ? std::string_view{why->text} : std::string_view{"failed"};
}

void failures::clear() noexcept {
    if (moved_ != nullptr) moved_->clear();
    indices_.clear();
    steps_.clear();
}

} // namespace weir::pipeline::engine
