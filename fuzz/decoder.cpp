#include "require.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Decodes an arbitrary stream of either end, whole and in pieces: both must give the same packets and the
/// same end, and each packet taken must survive being encoded and decoded again.
namespace weir::fuzz {
namespace {

using namespace weir::mqtt;

struct outcome {
    std::vector<packet> packets{};
    std::vector<protocol_version> versions{}; ///< in force after each packet
    std::optional<reason_code> failed{};
};

void drain(decoder& d, protocol_version& version, outcome& into) {
    packet p;
    for (;;) {
        const auto got = d.next(p);
        if (got == decoder::outcome::need_more) return;
        if (got == decoder::outcome::failed) {
            into.failed = d.last_error().code;
            return;
        }
        if (const auto* c = std::get_if<connect>(&p)) version = c->version;
        into.packets.push_back(p);
        into.versions.push_back(version);
    }
}

/// The pieces are as long as the bits of `seed` say; 0 is one piece.
outcome decode(std::string_view stream, decoder::settings s, std::uint8_t seed) {
    decoder d{s};
    outcome all;
    auto version = s.version;
    std::uint32_t state = seed;
    while (!stream.empty() && !all.failed) {
        state = state * 1'664'525u + 1'013'904'223u;
        const auto size =
            seed == 0 ? stream.size() : std::min<std::size_t>(1 + (state >> 24) % 16, stream.size());
        d.feed(bytes::copy(stream.substr(0, size)));
        stream.remove_prefix(size);
        if ((state >> 16 & 1) != 0 || stream.empty()) drain(d, version, all);
    }
    return all;
}

std::string encoded(const packet& p, protocol_version version) {
    output_buffer out;
    encode(p, version, out);
    std::string flat;
    for (const auto segment : out.segments())
        flat.append(reinterpret_cast<const char*>(segment.data()), segment.size());
    require(flat.size() == encoded_size(p, version), "encoded_size tells the size of what is encoded");
    return flat;
}

void check_round_trip(const packet& p, decoder::settings s) {
    s.maximum_packet_size = 268'435'460; // a form without omissions may be larger than what arrived
    const auto again = decode(encoded(p, s.version), s, 0);
    require(!again.failed, "what is encoded can be decoded");
    require(again.packets.size() == 1 && again.packets[0] == p, "encoding and decoding give the same packet");
}

decoder::settings settings_from(std::uint8_t choice) {
    constexpr protocol_version versions[] = {
        protocol_version::v3, protocol_version::v4, protocol_version::v5, protocol_version::v5};
    return {
        .sender = (choice & 1) != 0 ? peer::client : peer::server,
        .version = versions[choice >> 1 & 3],
        .maximum_packet_size = (choice & 8) != 0 ? 64u : 100'000u,
        .problem_information = (choice & 16) == 0};
}

void run(std::string_view input) {
    if (input.size() < 2) return;
    auto s = settings_from(static_cast<std::uint8_t>(input[0]));
    const auto seed = static_cast<std::uint8_t>(input[1]);
    input.remove_prefix(2);
    const auto whole = decode(input, s, 0);
    const auto pieces = decode(input, s, seed);
    require(whole.packets == pieces.packets, "any split of the stream gives the same packets");
    require(whole.failed == pieces.failed, "any split of the stream gives the same end");
    for (std::size_t i = 0; i < whole.packets.size(); ++i) {
        s.version = whole.versions[i];
        check_round_trip(whole.packets[i], s);
    }
}

} // namespace
} // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
