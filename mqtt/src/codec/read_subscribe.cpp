#include "codec/packet_readers.hpp"
#include "codec/quote.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <string>

namespace weir::mqtt {
namespace {

std::string read_filter(reader& r) {
    std::string filter{r.string_view("a topic filter")};
    if (r.ok() && !is_topic_filter(filter))
        r.fail(reason_code::topic_filter_invalid, quote(filter) + " is not a topic filter");
    return filter;
}

/// The Subscription Options [MQTT 5.0, 3.8.3.1]; 3.x has the QoS only.
void read_options(reader& r, const read_context& c, subscription& out) {
    const auto options = r.u8("the subscription options");
    const auto level = options & 0b11;
    const auto handling = options >> 4 & 0b11;
    if ((options & (c.is_v5() ? 0b1100'0000 : 0b1111'1100)) != 0)
        r.fail(reason_code::malformed_packet, "reserved subscription options are set");
    if (level == 3 || handling == 3) {
        r.fail(
            c.is_v5() ? reason_code::protocol_error : reason_code::malformed_packet,
            "the QoS or the retain handling of a subscription is 3");
        return;
    }
    out.qos = static_cast<qos>(level);
    out.no_local = (options & 0b0100) != 0;
    out.retain_as_published = (options & 0b1000) != 0;
    out.retain_handling = static_cast<retain_handling>(handling);
    if (out.no_local && is_shared(out.filter))
        r.fail(reason_code::protocol_error, "no local is set on a shared subscription"); // [MQTT-3.8.3-4]
}

} // namespace

void read_packet(reader& r, const read_context& c, subscribe& out) {
    out.packet_id = read_packet_id(r);
    read_own_properties(r, c, out.props);
    if (r.left() == 0) r.fail(reason_code::protocol_error, "there is no topic filter");
    while (r.left() != 0) {
        subscription& s = out.subscriptions.emplace_back();
        s.filter = read_filter(r);
        read_options(r, c, s);
    }
}

void read_packet(reader& r, const read_context& c, unsubscribe& out) {
    out.packet_id = read_packet_id(r);
    read_own_properties(r, c, out.props);
    if (r.left() == 0) r.fail(reason_code::protocol_error, "there is no topic filter");
    while (r.left() != 0)
        out.filters.push_back(read_filter(r));
}

} // namespace weir::mqtt
