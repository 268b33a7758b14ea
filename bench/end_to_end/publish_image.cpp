#include "publish_image.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::bench {

namespace {

void append_u16(std::string& out, std::size_t value) {
    out.push_back(static_cast<char>(value >> 8U));
    out.push_back(static_cast<char>(value & 0xFFU));
}

void append_varint(std::string& out, std::size_t value) {
    do {
        const auto digit = value % 128;
        value /= 128;
        out.push_back(static_cast<char>(value > 0 ? digit | 0x80U : digit));
    } while (value > 0);
}

std::string body_of(const scenario& s, std::size_t id) {
    const auto topic = fmt::format("plant/line-3/sensor/{:06}", id);
    std::string body;
    append_u16(body, topic.size());
    body += topic;
    if (s.qos > 0) append_u16(body, id);
    if (s.version == 5) body.push_back(0); // no properties
    for (std::size_t i = 0; i < s.payload; ++i)
        body.push_back(static_cast<char>('a' + (id + i) % 26));
    return body;
}

std::size_t ids_for(const scenario& s) {
    return std::clamp<std::size_t>(std::size_t{s.window} * 2, 1'024, 65'535);
}

} // namespace

void packet_cycle::gather(std::uint64_t from, std::uint64_t to, std::vector<iovec>& out) const {
    while (from < to) {
        const auto offset = from % bytes_.size();
        const auto length = std::min<std::uint64_t>(to - from, bytes_.size() - offset);
        out.push_back({const_cast<char*>(bytes_.data()) + offset, length}); // writev only reads
        from += length;
    }
}

packet_cycle make_publishes(const scenario& s) {
    std::string bytes;
    const auto count = ids_for(s);
    for (std::size_t id = 1; id <= count; ++id) {
        const auto body = body_of(s, id);
        bytes.push_back(static_cast<char>(0x30 | (s.qos << 1)));
        append_varint(bytes, body.size());
        bytes += body;
    }
    const auto size = bytes.size() / count;
    return {std::move(bytes), size};
}

packet_cycle make_releases(std::size_t count) {
    std::string bytes;
    for (std::size_t id = 1; id <= count; ++id) {
        bytes += "\x62\x02";
        append_u16(bytes, id);
    }
    return {std::move(bytes), 4};
}

} // namespace weir::bench
