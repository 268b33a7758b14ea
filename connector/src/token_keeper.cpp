#include "token_keeper.hpp"

#include <algorithm>
#include <utility>

namespace weir::connector {

token_keeper::token_keeper(const producer_context& context, std::shared_ptr<delivery_tokens> sink)
    : sink_(std::move(sink))
    , worker_(context, "delivery tokens", [this](const work& w) { carry_out(w); }) {}

void token_keeper::opened(const std::string& store, std::uint64_t first) {
    store_ = store;
    worker_.gather([&](work& w) {
        w.store = store;
        w.first = first;
    });
}

void token_keeper::done(std::span<const std::uint64_t> numbers) {
    worker_.gather([&](work& w) {
        w.store = store_;
        const auto count = std::min(numbers.size(), most_waiting - std::min(most_waiting, w.numbers.size()));
        w.numbers.insert(
            w.numbers.end(), numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
    });
}

void token_keeper::carry_out(const work& w) const {
    if (w.first) sink_->reset(w.store, *w.first);
    if (!w.numbers.empty()) sink_->release(w.store, w.numbers);
}

} // namespace weir::connector
