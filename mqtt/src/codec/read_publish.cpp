#include "codec/packet_readers.hpp"
#include "codec/quote.hpp"

#include <cstring>
#include <string>

namespace weir::mqtt {
namespace {

bool has_wildcard(std::string_view topic) noexcept {
    // Two searches of the library's vector code beat one loop over both characters.
    return std::memchr(topic.data(), '+', topic.size()) != nullptr ||
           std::memchr(topic.data(), '#', topic.size()) != nullptr;
}

void read_flags(reader& r, std::uint8_t flags, publish& out) {
    const auto level = flags >> 1 & 0b11;
    out.retain = (flags & 0b0001) != 0;
    out.dup = (flags & 0b1000) != 0;
    if (level == 3) {
        r.fail(reason_code::malformed_packet, "the QoS is 3");
        return;
    }
    out.qos = static_cast<qos>(level);
    if (out.dup && level == 0) r.fail(reason_code::malformed_packet, "DUP is set at QoS 0");
}

} // namespace

void read_packet(reader& r, const read_context& c, publish& out) {
    read_flags(r, c.flags, out);
    out.topic = r.string("the topic name");
    if (!out.topic.empty() && has_wildcard(out.topic.text()))
        r.fail(
            reason_code::topic_name_invalid,
            "the topic name " + quote(out.topic.text()) + " contains a wildcard");
    if (out.qos != qos::at_most_once) out.packet_id = read_packet_id(r);
    if (c.is_v5()) {
        auto place = c.here();
        place.may_exceed = out.qos != qos::at_most_once; // it can be refused
        read_properties(r, place, out.props);
    }
    if (out.topic.empty() && !out.props.number(property_id::topic_alias))
        r.fail(
            reason_code::protocol_error,
            c.is_v5() ? "there is neither a topic name nor an alias" : "the topic name is empty");
    out.payload = r.rest();
}

} // namespace weir::mqtt
