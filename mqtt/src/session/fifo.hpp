#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::mqtt {

/// A queue in one growing block of memory: in the steady state pushing and popping allocate nothing, which
/// `std::deque` does not promise. Its users bound what they push. Index 0 is the front.
template <class T>
class fifo {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] T& front() noexcept { return slots_[head_]; }

    [[nodiscard]] const T& front() const noexcept { return slots_[head_]; }

    [[nodiscard]] T& operator[](std::size_t index) noexcept { return slots_[wrap(head_ + index)]; }

    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        return slots_[wrap(head_ + index)];
    }

    void push_back(T value) {
        if (size_ == slots_.size()) grow();
        slots_[wrap(head_ + size_)] = std::move(value);
        ++size_;
    }

    void push_front(T value) {
        if (size_ == slots_.size()) grow();
        head_ = wrap(head_ + slots_.size() - 1);
        slots_[head_] = std::move(value);
        ++size_;
    }

    T pop_front() {
        T value = std::move(slots_[head_]);
        drop_front();
        return value;
    }

    void drop_front() {
        if constexpr (!std::is_trivially_copyable_v<T>) slots_[head_] = T{};
        head_ = wrap(head_ + 1);
        --size_;
    }

    void clear() {
        while (!empty())
            drop_front();
    }

  private:
    [[nodiscard]] std::size_t wrap(std::size_t index) const noexcept { return index & (slots_.size() - 1); }

    void grow() {
        std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i)
            larger[i] = std::move((*this)[i]);
        slots_.swap(larger);
        head_ = 0;
    }

    std::vector<T> slots_; ///< the size is a power of two
    std::size_t head_{0};
    std::size_t size_{0};
};

} // namespace weir::mqtt
