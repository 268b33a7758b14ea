#include "engine/ledger.hpp"

namespace weir::pipeline::engine {

void ledger::settled(
    std::size_t lane, const acknowledger* owner, const tally& t, std::size_t windowed) noexcept {
    if (windowed > 0)
        if (const auto source = source_of(owner)) windows_.settled(*source, windowed);
    if (absent_.load(std::memory_order_relaxed) > 0) count_late(lane, owner, t.total());
    if (t.successful > 0) sums_.add(lane, entry::successful, t.successful);
    if (t.failed > 0) sums_.add(lane, entry::failed, t.failed);
    if (t.abandoned > 0) sums_.add(lane, entry::abandoned, t.abandoned);
    progress_.notify();
}

void ledger::count_late(std::size_t lane, const acknowledger* owner, std::uint64_t count) noexcept {
    const auto source = source_of(owner);
    if (source && sources_[*source]->is_down()) sums_.add(lane, entry::late, count);
}

std::optional<std::size_t> ledger::source_of(const acknowledger* owner) const noexcept {
    for (const auto& s : sources_)
        if (s->owner() == owner) return s->index();
    return std::nullopt;
}

} // namespace weir::pipeline::engine
