#include "generators.hpp"

#include "codec/property_table.hpp"
#include "codec/reason_code_table.hpp"
#include "decode.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace weir::mqtt {

void showValue(const packet& p, std::ostream& out) {
    out << test::to_hex(test::encoded(p, protocol_version::v5));
}

} // namespace weir::mqtt

namespace weir::mqtt::test {
namespace {

std::uint32_t number(std::uint64_t least, std::uint64_t most) {
    return static_cast<std::uint32_t>(*rc::gen::inRange<std::uint64_t>(least, most + 1));
}

bool chance() {
    return number(0, 1) == 1;
}

std::uint16_t any_id() {
    return static_cast<std::uint16_t>(number(1, 65'535));
}

qos any_qos() {
    return static_cast<qos>(number(0, 2));
}

std::string any_binary(std::size_t longest = 12) {
    std::string out;
    for (auto left = number(0, longest); left != 0; --left)
        out += static_cast<char>(number(0, 255));
    return out;
}

std::string any_topic() {
    return *rc::gen::element<std::string>("a", "/", "a/b", "$SYS/x", "\xC3\xA9/\xE2\x82\xAC");
}

std::string any_filter() {
    return *rc::gen::element<std::string>("a", "#", "a/+/b", "$SYS/#", "/+", "$share/g/a");
}

property any_property(property_id id, const property_rule& rule) {
    if (id == property_id::response_topic) return {id, bytes::copy(any_topic())};
    switch (rule.type) {
    case property_type::string: return {id, bytes::copy(any_text())};
    case property_type::binary: return {id, bytes::copy(any_binary())};
    case property_type::name_value:
        return {id, string_pair{bytes::copy(any_text()), bytes::copy(any_text())}};
    default: return {id, number(rule.min, rule.max)};
    }
}

properties any_properties(property_place place, peer sender, protocol_version version) {
    properties out;
    if (version != protocol_version::v5) return out;
    for (std::uint32_t id = 0; id < 64; ++id) {
        const property_rule* rule = find_rule(id);
        if (rule == nullptr || !rule->allowed_in(place, sender)) continue;
        const auto most = rule->repeatable_in(place) ? 3u : 1u;
        for (auto left = number(0, most); left != 0; --left)
            out.append(any_property(static_cast<property_id>(id), *rule));
    }
    if (!out.text(property_id::authentication_method)) out.remove(property_id::authentication_data);
    return out;
}

struct origin {
    peer sender;
    protocol_version version;

    [[nodiscard]] bool is_v5() const { return version == protocol_version::v5; }

    [[nodiscard]] properties props(packet_type type) const {
        return any_properties(place_of(type), sender, version);
    }

    [[nodiscard]] reason_code code(packet_type type) const {
        std::vector<reason_code> allowed;
        for (int code = 0; code < 256; ++code)
            if (is_code_of(static_cast<std::uint8_t>(code), type, sender, version))
                allowed.push_back(static_cast<reason_code>(code));
        return allowed[number(0, allowed.size() - 1)];
    }

    [[nodiscard]] std::vector<reason_code> codes(packet_type type) const {
        std::vector<reason_code> out;
        for (auto left = number(1, 3); left != 0; --left)
            out.push_back(code(type));
        return out;
    }
};

connect any_connect(const origin& o) {
    connect p{.version = o.version};
    p.bridge_mode = !o.is_v5() && chance();
    p.clean_start = chance();
    p.keep_alive = static_cast<std::uint16_t>(number(0, 65'535));
    p.client_id = any_text();
    p.props = o.props(packet_type::connect);
    if (chance()) {
        p.will = will{any_topic(), any_binary(), any_qos(), chance(), {}};
        p.will->props = any_properties(property_place::will, o.sender, o.version);
    }
    if (chance()) p.username = any_text();
    if (chance() && (o.is_v5() || p.username)) p.password = any_binary();
    return p;
}

connack any_connack(const origin& o) {
    connack p{.code = static_cast<std::uint8_t>(o.code(packet_type::connack))};
    p.session_present = p.code == 0 && o.version != protocol_version::v3 && chance();
    p.props = o.props(packet_type::connack);
    return p;
}

publish any_publish(const origin& o) {
    publish p{.topic = bytes::copy(any_topic()), .payload = bytes::copy(any_binary(40))};
    p.qos = any_qos();
    p.retain = chance();
    p.dup = p.qos != qos::at_most_once && chance();
    p.packet_id = p.qos == qos::at_most_once ? std::uint16_t{0} : any_id();
    p.props = o.props(packet_type::publish);
    if (p.props.number(property_id::topic_alias) && chance()) p.topic = {};
    return p;
}

ack any_ack(const origin& o) {
    const auto type = static_cast<packet_type>(number(4, 7));
    return {static_cast<ack_type>(type), any_id(), o.code(type), o.props(type)};
}

subscribe any_subscribe(const origin& o) {
    subscribe p{any_id(), {}, o.props(packet_type::subscribe)};
    for (auto left = number(1, 3); left != 0; --left) {
        subscription s{.filter = any_filter(), .qos = any_qos()};
        if (o.is_v5()) {
            s.no_local = chance() && !s.filter.starts_with("$share/");
            s.retain_as_published = chance();
            s.retain_handling = static_cast<retain_handling>(number(0, 2));
        }
        p.subscriptions.push_back(s);
    }
    return p;
}

unsubscribe any_unsubscribe(const origin& o) {
    unsubscribe p{any_id(), {}, o.props(packet_type::unsubscribe)};
    for (auto left = number(1, 3); left != 0; --left)
        p.filters.push_back(any_filter());
    return p;
}

packet client_packet(const origin& o) {
    switch (number(0, o.is_v5() ? 7 : 6)) {
    case 0: return any_connect(o);
    case 1: return any_publish(o);
    case 2: return any_ack(o);
    case 3: return any_subscribe(o);
    case 4: return any_unsubscribe(o);
    case 5: return pingreq{};
    case 6:
        return disconnect{
            o.is_v5() ? o.code(packet_type::disconnect) : reason_code::success,
            o.props(packet_type::disconnect)};
    default: return auth{o.code(packet_type::auth), o.props(packet_type::auth)};
    }
}

packet server_packet(const origin& o) {
    switch (number(0, o.is_v5() ? 7 : 5)) {
    case 0: return any_connack(o);
    case 1: return any_publish(o);
    case 2: return any_ack(o);
    case 3: return suback{any_id(), o.codes(packet_type::suback), o.props(packet_type::suback)};
    case 4: {
        unsuback p{.packet_id = any_id(), .props = o.props(packet_type::unsuback)};
        if (o.is_v5()) p.codes = o.codes(packet_type::unsuback);
        return p;
    }
    case 5: return pingresp{};
    case 6: return disconnect{o.code(packet_type::disconnect), o.props(packet_type::disconnect)};
    default: return auth{o.code(packet_type::auth), o.props(packet_type::auth)};
    }
}

} // namespace

std::string any_text(std::size_t longest) {
    static const std::vector<std::string> characters{
        "a", "Z", " ", "/", "\x01", "\xC3\xA9", "\xE2\x82\xAC", "\xEF\xBB\xBF", "\xF0\x9D\x84\x9E"};
    std::string out;
    for (auto left = number(0, longest); left != 0; --left)
        out += characters[number(0, characters.size() - 1)];
    return out;
}

rc::Gen<protocol_version> any_version() {
    return rc::gen::element(protocol_version::v3, protocol_version::v4, protocol_version::v5);
}

rc::Gen<packet> any_packet(peer sender, protocol_version version) {
    return rc::gen::exec([sender, version] {
        const origin o{sender, version};
        return sender == peer::client ? client_packet(o) : server_packet(o);
    });
}

} // namespace weir::mqtt::test
