#include <weir/sinks/record.hpp>

namespace weir::sinks {

namespace {

record as_received(const connector::inbound& in) {
    return {
        .topic = in.topic(),
        .payload = in.payload().text(),
        .qos = in.qos(),
        .retain = in.retain(),
        .dup = in.dup(),
        .client_id = in.client_id(),
        .received_at = in.received_at(),
        .properties = &in.props(),
    };
}

} // namespace

record to_record(const message& m) {
    auto r = as_received(m.metadata);
    r.payload = m.data.text();
    r.attempt = m.attempt();
    r.receipt = m.metadata.receipt();
    r.token = m.metadata.delivery_token();
    return r;
}

record to_record(const dead_letter& letter) {
    auto r = as_received(letter.raw);
    r.attempt = letter.attempts;
    return r;
}

} // namespace weir::sinks
