#pragma once

#include <array>
#include <cstdint>
#include <memory>

namespace weir::mqtt {

/// From packet id to a slot, in three loads. Memory follows the ids in use: a page of 256 ids is given back
/// when its last entry goes, so that a server that counts through all ids does not fill the table.
class id_table {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    [[nodiscard]] std::uint32_t find(std::uint16_t id) const noexcept {
        if (!pages_) return none;
        const page* p = (*pages_)[id >> 8].get();
        return p == nullptr ? none : p->slots[id & 0xFF];
    }

    /// `id` must not be in the table.
    void put(std::uint16_t id, std::uint32_t slot);

    /// `id` must be in the table.
    void erase(std::uint16_t id) noexcept;

    void clear() noexcept;

    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

  private:
    struct page {
        page() { slots.fill(none); }

        std::array<std::uint32_t, 256> slots;
        std::uint32_t used{0};
    };

    using directory = std::array<std::unique_ptr<page>, 256>;

    std::unique_ptr<directory> pages_; ///< from the first id on: many clients never see one
    std::unique_ptr<page> spare_;      ///< spares a counting server an allocation every 256 ids
    std::uint32_t size_{0};
};

} // namespace weir::mqtt
