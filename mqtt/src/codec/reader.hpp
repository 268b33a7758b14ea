#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/codec/input_buffer.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// Reads the fields of one packet's body, front to back. The first fault is kept; after it every read gives a
/// zero or an empty value, so that callers read straight on and ask once, at the end. `what` names the field
/// in the fault's text.
class reader {
  public:
    /// The body is `size` bytes of `source.front()` from `offset` on.
    reader(input_buffer& source, std::size_t offset, std::size_t size, std::string& fault) noexcept
        : source_(&source)
        , begin_(source.front().data())
        , position_(begin_ + offset)
        , end_(position_ + size)
        , fault_(&fault) {}

    [[nodiscard]] std::uint8_t u8(const char* what) {
        return has(1, what) ? static_cast<std::uint8_t>(*position_++) : std::uint8_t{0};
    }

    [[nodiscard]] std::uint16_t u16(const char* what) {
        if (!has(2, what)) return 0;
        const auto high = static_cast<unsigned>(position_[0]);
        const auto low = static_cast<unsigned>(position_[1]);
        position_ += 2;
        return static_cast<std::uint16_t>(high << 8 | low);
    }

    [[nodiscard]] std::uint32_t u32(const char* what);
    [[nodiscard]] std::uint32_t variable(const char* what);

    /// A length of two bytes and that many bytes.
    [[nodiscard]] bytes binary(const char* what) { return share(binary_view(what)); }

    /// As `binary`, and a UTF-8 Encoded String.
    [[nodiscard]] bytes string(const char* what) { return share(string_view(what)); }

    // The same for values that are copied or only looked at.
    [[nodiscard]] std::string_view binary_view(const char* what);
    [[nodiscard]] std::string_view string_view(const char* what);

    /// All that is left of the body.
    [[nodiscard]] bytes rest() noexcept {
        const std::string_view all{reinterpret_cast<const char*>(position_), left()};
        position_ = end_;
        return share(all);
    }

    /// Takes the next `count` bytes away from this reader and gives them to a reader of their own.
    [[nodiscard]] reader sub(std::size_t count, const char* what);

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - position_); }

    [[nodiscard]] bool ok() const noexcept { return !failed_; }

    /// The body must be used up.
    void expect_end();

    /// Keeps the fault unless there is one already, and gives up the rest of the body.
    void fail(reason_code code, std::string text);

    [[nodiscard]] reason_code code() const noexcept { return code_; }

    /// Takes over the fault of a reader made by `sub`.
    void join(const reader& part) noexcept;

  private:
    [[nodiscard]] bool has(std::size_t count, const char* what) {
        if (left() >= count) return true;
        cut_short(what);
        return false;
    }

    void cut_short(const char* what);

    /// Here in the header, as with all that is on the way of a PUBLISH: a slice handed over in memory is read
    /// back before its stores are through, which costs more than the rest of the work on it.
    [[nodiscard]] bytes share(std::string_view part) noexcept {
        if (part.empty()) return {};
        const auto offset = reinterpret_cast<const std::byte*>(part.data()) - begin_;
        return source_->slice(static_cast<std::size_t>(offset), part.size());
    }

    input_buffer* source_;
    const std::byte* begin_;
    const std::byte* position_;
    const std::byte* end_;
    std::string* fault_;
    reason_code code_{reason_code::success};
    bool failed_{false};
};

} // namespace weir::mqtt
