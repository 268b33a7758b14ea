#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::mqtt {

/// The packet ids this client gives out: one space for PUBLISH, SUBSCRIBE and UNSUBSCRIBE [MQTT-2.2.1-3].
/// An id in use is never given out again. Counts on from the last one given, so that a late answer to an old
/// id rarely meets a new user of it.
class packet_ids {
  public:
    /// The next unused id, or nothing when all 65,535 are in use. Constant time.
    [[nodiscard]] std::optional<std::uint16_t> take();

    /// Takes this one; `id` must not be in use.
    void reserve(std::uint16_t id);

    /// `id` must be in use.
    void release(std::uint16_t id) noexcept;

    [[nodiscard]] bool in_use(std::uint16_t id) const noexcept;

    [[nodiscard]] std::size_t used() const noexcept { return used_; }

  private:
    static constexpr std::uint32_t words_in_all = 1024;

    void prepare();
    [[nodiscard]] std::optional<std::uint32_t> next_free(std::uint32_t from) const noexcept;
    [[nodiscard]] std::optional<std::uint32_t> next_open_word(std::uint32_t from) const noexcept;
    void mark(std::uint32_t id) noexcept;

    std::vector<std::uint64_t> words_;     ///< a bit per id, set while in use; made with the first id
    std::array<std::uint64_t, 16> full_{}; ///< a bit per word, set while every bit of it is
    std::uint32_t cursor_{1};
    std::size_t used_{0};
};

} // namespace weir::mqtt
