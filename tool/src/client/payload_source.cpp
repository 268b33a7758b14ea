#include "payload_source.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace weir::tool {

namespace {

constexpr std::size_t longest_payload = 268'435'455; // no packet is longer [MQTT 5.0, 1.5.5]

} // namespace

payload_source payload_source::repeat(std::string payload, std::uint64_t times) {
    payload_source s;
    s.text_ = std::move(payload);
    s.left_ = times;
    return s;
}

payload_source payload_source::lines(int fd) {
    payload_source s;
    s.fd_ = fd;
    return s;
}

payload_source::state payload_source::next(std::string& payload) {
    if (fd_ < 0) {
        if (left_ == 0) return state::ended;
        --left_;
        payload = text_;
        return state::ready;
    }
    if (take_line(payload)) return state::ready;
    if (at_end_) return state::ended;
    read_more();
    return state::waiting;
}

bool payload_source::take_line(std::string& line) {
    const auto end = text_.find('\n', given_);
    const bool whole = end != std::string::npos;
    if (!whole && (!at_end_ || given_ == text_.size())) return false;
    line = text_.substr(given_, whole ? end - given_ : end);
    given_ = whole ? end + 1 : text_.size();
    return true;
}

void payload_source::read_more() {
    text_.erase(0, given_);
    given_ = 0;
    if (text_.size() > longest_payload)
        throw std::runtime_error("standard input: a line is too long for a message");
    std::array<char, 65'536> chunk;
    const auto n = ::read(fd_, chunk.data(), chunk.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        throw std::system_error(errno, std::generic_category(), "standard input");
    if (n > 0) text_.append(chunk.data(), static_cast<std::size_t>(n));
    at_end_ = n == 0;
}

std::string read_all(const std::string& path) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(path + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace weir::tool
