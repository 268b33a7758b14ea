#include "codec/fixed_header.hpp"
#include "codec/packet_readers.hpp"
#include "codec/quote.hpp"
#include "codec/reader.hpp"

#include <weir/mqtt/codec/decoder.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace weir::mqtt {

struct decoder::frame : fixed_header {};

decoder::decoder(settings s)
    : settings_(s) {}

void decoder::reset(settings s) {
    settings_ = s;
    input_.clear();
    error_ = {};
    failed_ = false;
    skip_ = 0;
}

void decoder::feed(bytes chunk) {
    if (failed_) return;
    if (skip_ != 0) {
        const auto skipped = std::min(skip_, chunk.size());
        skip_ -= skipped;
        chunk = chunk.slice(skipped, chunk.size() - skipped);
    }
    input_.feed(std::move(chunk));
}

decoder::outcome decoder::next(packet& out) {
    if (failed_) return outcome::failed;
    frame f;
    const auto taken = take_frame(f);
    last_type_ = f.type;
    last_size_ = f.packet_size();
    return taken == outcome::ready ? read_frame(f, out) : taken;
}

/// Waits until a whole packet lies at the front of the input.
decoder::outcome decoder::take_frame(frame& f) {
    for (;;) {
        const auto front = input_.front();
        read_fixed_header(front, settings_.sender, settings_.version, f);
        if (f.state == fixed_header::status::complete) break;
        if (f.state != fixed_header::status::incomplete) return fail_header(f);
        if (!input_.gather(front.size() + 1)) return outcome::need_more;
    }
    if (f.packet_size() > settings_.maximum_packet_size)
        return settings_.discard_oversize && f.type == packet_type::publish ? skip_oversize(f)
                                                                            : fail_oversize(f);
    return input_.gather(f.packet_size()) ? outcome::ready : outcome::need_more;
}

decoder::outcome decoder::read_frame(const frame& f, packet& out) {
    switch (f.type) {
    case packet_type::connect: return read_body<connect>(f, out);
    case packet_type::connack: return read_body<connack>(f, out);
    case packet_type::publish: return read_body<publish>(f, out);
    case packet_type::puback:
    case packet_type::pubrec:
    case packet_type::pubrel:
    case packet_type::pubcomp: return read_body<ack>(f, out);
    case packet_type::subscribe: return read_body<subscribe>(f, out);
    case packet_type::suback: return read_body<suback>(f, out);
    case packet_type::unsubscribe: return read_body<unsubscribe>(f, out);
    case packet_type::unsuback: return read_body<unsuback>(f, out);
    case packet_type::pingreq: return read_body<pingreq>(f, out);
    case packet_type::pingresp: return read_body<pingresp>(f, out);
    case packet_type::disconnect: return read_body<disconnect>(f, out);
    case packet_type::auth: return read_body<auth>(f, out);
    }
    return fail_header(f);
}

template <class Packet>
decoder::outcome decoder::read_body(const frame& f, packet& out) {
    auto& p = out.emplace<Packet>();
    const read_context context{
        f.type,
        f.flags,
        settings_.version,
        settings_.sender,
        settings_.problem_information,
        settings_.sender == peer::server ? most_properties : std::numeric_limits<std::size_t>::max()};
    std::string fault;
    reader r{input_, f.header_size, f.remaining, fault};
    read_packet(r, context, p);
    if (!r.ok()) {
        if constexpr (std::is_same_v<Packet, connack>)
            error_.in_acceptance = f.remaining >= 2 && input_.front()[f.header_size + 1u] == std::byte{0};
        error_.too_many_properties = r.code() == reason_code::quota_exceeded;
        const auto code = error_.too_many_properties ? reason_code::protocol_error : r.code();
        return fail(code, std::string(to_string(f.type)) + ": " + fault);
    }
    if constexpr (std::is_same_v<Packet, connect>) settings_.version = p.version;
    input_.consume(f.packet_size());
    return outcome::ready;
}

decoder::outcome decoder::fail(reason_code code, std::string text) {
    failed_ = true;
    input_.clear(); // nobody will ask for the rest
    error_.code = code;
    error_.text = std::move(text);
    return outcome::failed;
}

decoder::outcome decoder::fail_header(const frame& f) {
    const auto name = std::string(to_string(f.type));
    const auto number = std::to_string(static_cast<int>(f.type));
    switch (f.state) {
    case fixed_header::status::wrong_flags:
        return fail(
            reason_code::malformed_packet, name + ": fixed header flags are " + std::to_string(f.flags));
    case fixed_header::status::wrong_length:
        return fail(
            reason_code::malformed_packet,
            name + ": the remaining length is too long or not in its shortest form");
    default: break;
    }
    const auto* const sender = settings_.sender == peer::client ? "client" : "server";
    return fail(
        reason_code::protocol_error, "packet type " + number + " (" + name + ") is not for a " + sender +
                                         " of " + std::string(to_string(settings_.version)) + " to send");
}

/// Takes what must be known to acknowledge the message, and no more of it.
decoder::outcome decoder::skip_oversize(const frame& f) {
    if (!input_.gather(f.header_size + 2u)) return outcome::need_more;
    const auto head = input_.front().subspan(f.header_size);
    const auto topic = std::to_integer<std::size_t>(head[0]) << 8 | std::to_integer<std::size_t>(head[1]);
    const auto level = f.flags >> 1 & 0b11;
    const auto known = 2 + topic + (level == 0 ? 0u : 2u);
    if (level == 3 || known > f.remaining) return fail_oversize(f);
    if (!input_.gather(f.header_size + known)) return outcome::need_more;
    std::string fault;
    reader r{input_, f.header_size, known, fault};
    oversize_ = {};
    oversize_.topic = bytes::copy(r.string_view("the topic name"));
    oversize_.qos = static_cast<qos>(level);
    oversize_.dup = (f.flags & 0b1000) != 0;
    if (level != 0) oversize_.packet_id = read_packet_id(r);
    if (!r.ok()) return fail(r.code(), std::string(to_string(f.type)) + ": " + fault);
    oversize_size_ = static_cast<std::uint32_t>(f.packet_size());
    skip_ = f.packet_size();
    skip_buffered();
    return outcome::oversize;
}

void decoder::skip_buffered() {
    while (skip_ != 0 && input_.size() != 0) {
        const auto skipped = std::min(skip_, input_.front().size());
        input_.consume(skipped);
        skip_ -= skipped;
    }
}

decoder::outcome decoder::fail_oversize(const frame& f) {
    auto text = std::string(to_string(f.type)) + " of " + std::to_string(f.packet_size()) +
                " bytes, the limit is " + std::to_string(settings_.maximum_packet_size);
    error_.packet_size = static_cast<std::uint32_t>(f.packet_size());
    if (f.type == packet_type::publish) {
        std::string ignored;
        const auto arrived = std::min<std::size_t>(input_.front().size() - f.header_size, f.remaining);
        reader r{input_, f.header_size, arrived, ignored};
        error_.topic = r.string_view("the topic name");
        if (!error_.topic.empty()) text += ", topic " + quote(error_.topic);
    }
    return fail(reason_code::packet_too_large, std::move(text));
}

} // namespace weir::mqtt
