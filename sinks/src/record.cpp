#include <weir/sinks/record.hpp>

namespace weir::sinks {

record to_record(const message& m) {
    const connector::inbound& in = m.metadata;
    return {
        .topic = in.topic(),
        .payload = m.data.text(),
        .qos = in.qos(),
        .retain = in.retain(),
        .dup = in.dup(),
        .client_id = in.client_id(),
        .received_at = in.received_at(),
        .attempt = m.attempt(),
        .properties = &in.props(),
    };
}

} // namespace weir::sinks
