#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/request_response.hpp>
#include <weir/mqtt/testing/broker_connection.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

/// The part of a script that answers requests [MQTT 5.0, 4.10].
namespace weir::mqtt {

/// Takes a request and keeps what a response needs.
inline void take_request(testing::broker_connection& connection, publish& into) {
    const auto got = connection.next(clock::now() + std::chrono::seconds{5});
    if (!got || !std::holds_alternative<publish>(got->packet))
        throw testing::script_failure{"no request: " + (got ? got->describe() : "the end")};
    into = std::get<publish>(got->packet);
}

inline publish response_to(const publish& request, std::string_view payload) {
    const auto reply = reply_to(request, bytes::copy(payload)).value();
    publish p;
    p.topic = reply.topic;
    p.payload = reply.payload;
    p.props = reply.props;
    return p;
}

} // namespace weir::mqtt
