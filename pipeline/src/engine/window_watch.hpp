#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace weir::pipeline::engine {

/// Per source: how many places of its window unsettled messages take, and how many of these wait in open
/// batches. When both are equal and fill the window, only an early batch can bring the source to life again.
/// All operations are sequentially consistent: whoever makes both equal sees it. Thread-safe.
class window_watch {
  public:
    explicit window_watch(std::size_t sources)
        : places_(std::make_unique<place[]>(sources)) {}

    void emitted(std::size_t source, std::size_t n) noexcept { places_[source].unsettled.fetch_add(n); }

    void settled(std::size_t source, std::size_t n) noexcept { places_[source].unsettled.fetch_sub(n); }

    void joined_batch(std::size_t source, std::size_t n) noexcept { places_[source].open.fetch_add(n); }

    void left_batch(std::size_t source, std::size_t n) noexcept { places_[source].open.fetch_sub(n); }

    [[nodiscard]] bool starved(std::size_t source, std::size_t window) const noexcept {
        const auto open = places_[source].open.load();
        return open > 0 && open >= window && open == places_[source].unsettled.load();
    }

  private:
    struct alignas(64) place {
        std::atomic<std::size_t> unsettled{0};
        std::atomic<std::size_t> open{0};
    };

    std::unique_ptr<place[]> places_;
};

} // namespace weir::pipeline::engine
