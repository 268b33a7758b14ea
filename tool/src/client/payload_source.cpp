#include "payload_source.hpp"

#include <array>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

namespace weir::tool {

namespace {

constexpr std::size_t longest_payload = 268'435'455; // no packet is longer [MQTT 5.0, 1.5.5]

payload_source::state state_of(line_reader::state s) {
    switch (s) {
    case line_reader::state::ready: return payload_source::state::ready;
    case line_reader::state::waiting: return payload_source::state::waiting;
    case line_reader::state::too_long: return payload_source::state::too_long;
    case line_reader::state::ended: return payload_source::state::ended;
    }
    return payload_source::state::ended;
}

} // namespace

payload_source payload_source::repeat(std::string payload, std::uint64_t times) {
    payload_source s;
    s.text_ = std::move(payload);
    s.left_ = times;
    return s;
}

payload_source payload_source::lines(int fd) {
    payload_source s;
    s.lines_.emplace(fd, longest_payload);
    return s;
}

payload_source::state payload_source::next(std::string& payload) {
    if (lines_) return state_of(lines_->next(payload));
    if (left_ == 0) return state::ended;
    --left_;
    payload = text_;
    return state::ready;
}

std::string read_all(const std::string& path) {
    const bool is_input = path == "-";
    std::ifstream file;
    if (!is_input) file.open(path, std::ios::binary);
    if (!is_input && !file) throw std::runtime_error(path + ": cannot be read");
    std::istream& in = is_input ? std::cin : file;
    std::string content;
    std::array<char, 65'536> chunk;
    while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
        content.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
        if (content.size() > longest_payload) throw std::runtime_error(path + ": is too long for a message");
    }
    if (in.bad()) throw std::runtime_error(path + ": cannot be read");
    return content;
}

} // namespace weir::tool
