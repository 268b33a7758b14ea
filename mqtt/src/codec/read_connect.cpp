#include "codec/packet_readers.hpp"
#include "codec/quote.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <string>

namespace weir::mqtt {
namespace {

constexpr std::uint8_t reserved_flag = 0x01;
constexpr std::uint8_t clean_start_flag = 0x02;
constexpr std::uint8_t will_flag = 0x04;
constexpr std::uint8_t will_retain_flag = 0x20;
constexpr std::uint8_t password_flag = 0x40;
constexpr std::uint8_t username_flag = 0x80;
constexpr std::uint8_t bridge_bit = 0x80;

void read_version(reader& r, connect& out) {
    const auto name = r.string_view("the protocol name");
    const auto level = r.u8("the protocol level");
    if (!r.ok()) return;
    const auto bare = level & ~bridge_bit;
    const bool known = (name == "MQIsdp" && bare == 3) || (name == "MQTT" && (bare == 4 || level == 5));
    if (!known) {
        r.fail(
            reason_code::unsupported_protocol_version,
            "protocol " + quote(name) + " level " + std::to_string(level) + " is not known");
        return;
    }
    out.version = static_cast<protocol_version>(bare);
    out.bridge_mode = (level & bridge_bit) != 0;
}

void check_flags(reader& r, std::uint8_t flags, const read_context& c) {
    if ((flags & reserved_flag) != 0) r.fail(reason_code::malformed_packet, "the reserved flag is set");
    const auto level = flags >> 3 & 0b11;
    if (level == 3) r.fail(reason_code::malformed_packet, "the will's QoS is 3");
    if ((flags & will_flag) == 0 && (level != 0 || (flags & will_retain_flag) != 0))
        r.fail(reason_code::malformed_packet, "will flags are set without a will");
    if (!c.is_v5() && (flags & password_flag) != 0 && (flags & username_flag) == 0)
        r.fail(reason_code::malformed_packet, "there is a password without a user name");
}

void read_will(reader& r, const read_context& c, std::uint8_t flags, will& out) {
    out.qos = static_cast<qos>(flags >> 3 & 0b11);
    out.retain = (flags & will_retain_flag) != 0;
    if (c.is_v5()) read_properties(r, {property_place::will, c.sender, true}, out.props);
    out.topic = r.string_view("the will's topic");
    if (r.ok() && !is_topic_name(out.topic))
        r.fail(
            reason_code::topic_name_invalid, "the will's topic " + quote(out.topic) + " is not a topic name");
    out.payload = r.binary_view("the will's payload");
}

} // namespace

void read_packet(reader& r, const read_context& as_told, connect& out) {
    read_version(r, out);
    read_context c = as_told;
    c.version = out.version;
    const auto flags = r.u8("the connect flags");
    check_flags(r, flags, c);
    out.clean_start = (flags & clean_start_flag) != 0;
    out.keep_alive = r.u16("the keep alive");
    read_own_properties(r, c, out.props);
    out.client_id = r.string_view("the client identifier");
    if ((flags & will_flag) != 0) read_will(r, c, flags, out.will.emplace());
    if ((flags & username_flag) != 0) out.username = r.string_view("the user name");
    if ((flags & password_flag) != 0) out.password = r.binary_view("the password");
    r.expect_end();
}

} // namespace weir::mqtt
