#include "session/id_table.hpp"

#include <utility>

namespace weir::mqtt {

void id_table::put(std::uint16_t id, std::uint32_t slot) {
    if (!pages_) pages_ = std::make_unique<directory>();
    auto& p = (*pages_)[id >> 8];
    if (!p) p = spare_ ? std::move(spare_) : std::make_unique<page>();
    p->slots[id & 0xFF] = slot;
    ++p->used;
    ++size_;
}

void id_table::erase(std::uint16_t id) noexcept {
    auto& p = (*pages_)[id >> 8];
    p->slots[id & 0xFF] = none;
    --size_;
    if (--p->used == 0) spare_ = std::move(p);
}

void id_table::clear() noexcept {
    pages_.reset();
    size_ = 0;
}

} // namespace weir::mqtt
