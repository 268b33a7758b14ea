#include "notation.hpp"

#include <weir/mqtt/testing/hex.hpp>

#include <stdexcept>

namespace weir::conformance {
namespace {

using mqtt::testing::from_hex;

std::string with_properties(std::string_view text, mqtt::protocol_version version) {
    constexpr std::string_view mark = "<p>";
    std::string out{text};
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at))
        out.replace(at, mark.size(), version == mqtt::protocol_version::v5 ? "00" : "");
    return out;
}

std::string repeated(std::string_view text) {
    std::string out{text};
    for (auto at = out.find(" x "); at != std::string::npos; at = out.find(" x ", at)) {
        const auto begin = out.rfind('<', at);
        const auto end = out.find('>', at);
        if (begin == std::string::npos || end == std::string::npos)
            throw std::invalid_argument{"a repetition is <times x bytes>"};
        const auto times = std::stoul(out.substr(begin + 1, at - begin - 1));
        const auto what = ' ' + out.substr(at + 3, end - at - 3);
        std::string all;
        for (unsigned long i = 0; i < times; ++i)
            all += what;
        out.replace(begin, end - begin + 1, all);
        at = begin + all.size();
    }
    return out;
}

std::string length_bytes(std::size_t length) {
    std::string out;
    do {
        auto digit = static_cast<unsigned char>(length % 128);
        length /= 128;
        if (length > 0) digit |= 0x80;
        out += static_cast<char>(digit);
    } while (length > 0);
    return out;
}

std::string packet(std::string_view inside) {
    const auto colon = inside.find(':');
    if (colon == std::string_view::npos) throw std::invalid_argument{"a packet is [first byte: body]"};
    const auto body = from_hex(inside.substr(colon + 1));
    return from_hex(inside.substr(0, colon)) + length_bytes(body.size()) + body;
}

} // namespace

std::string bytes_of(std::string_view text, mqtt::protocol_version version) {
    const auto plain = repeated(with_properties(text, version));
    std::string_view rest{plain};
    std::string out;
    while (!rest.empty()) {
        const auto begin = rest.find('[');
        out += from_hex(rest.substr(0, begin));
        if (begin == std::string_view::npos) break;
        const auto end = rest.find(']', begin);
        if (end == std::string_view::npos) throw std::invalid_argument{"a bracket is not closed: " + plain};
        out += packet(rest.substr(begin + 1, end - begin - 1));
        rest.remove_prefix(end + 1);
    }
    return out;
}

} // namespace weir::conformance
