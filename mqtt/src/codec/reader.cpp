#include "codec/reader.hpp"

#include "codec/utf8.hpp"
#include "codec/varint.hpp"

#include <utility>

namespace weir::mqtt {

std::uint32_t reader::u32(const char* what) {
    if (!has(4, what)) return 0;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = value << 8 | static_cast<std::uint32_t>(*position_++);
    return value;
}

std::uint32_t reader::variable(const char* what) {
    const auto v = read_varint({position_, left()});
    if (v.state == varint::status::incomplete) {
        cut_short(what);
        return 0;
    }
    if (v.state == varint::status::too_long || !v.minimal) {
        fail(reason_code::malformed_packet, std::string(what) + " is not a minimal Variable Byte Integer");
        return 0;
    }
    position_ += v.size;
    return v.value;
}

std::string_view reader::binary_view(const char* what) {
    const std::size_t size = u16(what);
    if (!has(size, what)) return {};
    const auto* begin = reinterpret_cast<const char*>(position_);
    position_ += size;
    return {begin, size};
}

std::string_view reader::string_view(const char* what) {
    const auto text = binary_view(what);
    if (is_utf8_string(text)) return text;
    fail(reason_code::malformed_packet, std::string(what) + " is not a UTF-8 string");
    return {};
}

reader reader::sub(std::size_t count, const char* what) {
    reader part = *this;
    if (has(count, what))
        position_ += count;
    else
        count = 0;
    part.end_ = part.position_ + count;
    part.failed_ = failed_;
    part.code_ = code_;
    return part;
}

void reader::expect_end() {
    if (left() != 0)
        fail(
            reason_code::malformed_packet,
            std::to_string(left()) + " bytes are left over behind the last field");
}

void reader::fail(reason_code code, std::string text) {
    if (failed_) return;
    failed_ = true;
    code_ = code;
    *fault_ = std::move(text);
    position_ = end_;
}

void reader::join(const reader& part) noexcept {
    if (failed_ || !part.failed_) return;
    failed_ = true;
    code_ = part.code_;
    position_ = end_;
}

void reader::cut_short(const char* what) {
    fail(reason_code::malformed_packet, std::string("the packet ends inside ") + what);
}

} // namespace weir::mqtt
