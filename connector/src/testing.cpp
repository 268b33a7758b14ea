#include "record_pool.hpp"

#include <weir/connector/testing.hpp>

#include <memory>
#include <utility>

namespace weir::connector::testing {

inbound make_inbound(publish p) {
    auto origin = std::make_shared<record_origin>();
    origin->client_id = std::move(p.client_id);
    origin->producer_index = p.producer_index;
    origin->shared_group = std::move(p.shared_group);
    origin->filters = std::move(p.filters);
    auto* const pool = record_pool::create(std::move(origin)); // lives as long as its record
    auto& record = pool->take(1);
    const bool has_id = p.qos != mqtt::qos::at_most_once;
    record.received = {
        .topic = bytes::copy(p.topic),
        .payload = bytes::copy(p.payload),
        .qos = p.qos,
        .retain = p.retain,
        .dup = p.dup,
        .packet_id = has_id ? p.packet_id : std::uint16_t{0},
        .props = std::move(p.props)};
    record.at = p.received_mono;
    record.wall = p.received_at;
    inbound made(&record);
    pool->retire();
    return made;
}

} // namespace weir::connector::testing
