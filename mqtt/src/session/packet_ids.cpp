#include "session/packet_ids.hpp"

#include <bit>

namespace weir::mqtt {
namespace {

constexpr std::uint64_t bit(std::uint32_t index) {
    return std::uint64_t{1} << (index & 63);
}

/// Lowest zero bit of `word` at or above `from`, or 64.
std::uint32_t zero_from(std::uint64_t word, std::uint32_t from) {
    const std::uint64_t free = ~word & (~std::uint64_t{0} << from);
    return static_cast<std::uint32_t>(std::countr_zero(free));
}

} // namespace

void packet_ids::prepare() {
    if (!words_.empty()) return;
    words_.resize(words_in_all);
    words_[0] = 1; // 0 is no packet id [MQTT-2.2.1-2]
}

void packet_ids::reserve(std::uint16_t id) {
    prepare();
    mark(id);
    ++used_;
}

std::optional<std::uint16_t> packet_ids::take() {
    prepare();
    auto id = next_free(cursor_);
    if (!id) id = next_free(0);
    if (!id) return std::nullopt;
    mark(*id);
    cursor_ = (*id + 1) & 0xFFFF;
    ++used_;
    return static_cast<std::uint16_t>(*id);
}

void packet_ids::release(std::uint16_t id) noexcept {
    words_[id >> 6] &= ~bit(id);
    full_[id >> 12] &= ~bit(static_cast<std::uint32_t>(id) >> 6);
    --used_;
}

bool packet_ids::in_use(std::uint16_t id) const noexcept {
    return id != 0 && !words_.empty() && (words_[id >> 6] & bit(id)) != 0;
}

std::optional<std::uint32_t> packet_ids::next_free(std::uint32_t from) const noexcept {
    const std::uint32_t word = from >> 6;
    if (const auto b = zero_from(words_[word], from & 63); b < 64) return word * 64 + b;
    const auto open = next_open_word(word + 1);
    if (!open) return std::nullopt;
    return *open * 64 + zero_from(words_[*open], 0);
}

std::optional<std::uint32_t> packet_ids::next_open_word(std::uint32_t from) const noexcept {
    std::uint32_t start = from & 63;
    for (std::uint32_t group = from >> 6; group < full_.size(); ++group, start = 0)
        if (const auto b = zero_from(full_[group], start); b < 64) return group * 64 + b;
    return std::nullopt;
}

void packet_ids::mark(std::uint32_t id) noexcept {
    auto& word = words_[id >> 6];
    word |= bit(id);
    if (word == ~std::uint64_t{0}) full_[id >> 12] |= bit(id >> 6);
}

} // namespace weir::mqtt
