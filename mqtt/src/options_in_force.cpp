#include "options_in_force.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>

#include <utility>

namespace weir::mqtt {
namespace {

template <class T>
void take(const properties& from, property_id id, T& option, const T& standard) {
    if (const auto given = from.number(id); given && option == standard) option = static_cast<T>(*given);
}

} // namespace

client_options options_in_force(client_options o) {
    // What is wrong with the properties stays theirs.
    if (o.props.empty() || check_properties(o.props, packet_type::connect, o.proto_ver)) return o;
    const client_options standard;
    take(o.props, property_id::receive_maximum, o.receive_maximum, standard.receive_maximum);
    take(o.props, property_id::maximum_packet_size, o.maximum_packet_size, standard.maximum_packet_size);
    take(o.props, property_id::topic_alias_maximum, o.topic_alias_maximum, standard.topic_alias_maximum);
    take(
        o.props, property_id::request_response_information, o.request_response_information,
        standard.request_response_information);
    take(
        o.props, property_id::request_problem_information, o.request_problem_information,
        standard.request_problem_information);
    return o;
}

} // namespace weir::mqtt
