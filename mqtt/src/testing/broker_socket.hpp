#pragma once

#include "testing/socket.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/testing/broker_connection.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace weir::mqtt::testing {

/// What a `broker_connection` keeps: the socket, what was read and not yet taken, the version in force.
struct broker_connection::socket {
    socket(descriptor d, const stop_signal& s)
        : fd(std::move(d))
        , stop(s) {}

    /// What was read and not yet taken.
    [[nodiscard]] std::string_view waiting() const noexcept { return std::string_view{input}.substr(taken); }

    [[nodiscard]] io_outcome read_more(time_point until) {
        input.erase(0, std::exchange(taken, 0));
        return read_some(fd.get(), input, until, stop);
    }

    descriptor fd;
    const stop_signal& stop;
    std::string input{};
    std::size_t taken{0};
    decoder packets{{.sender = peer::client}};
    protocol_version version{protocol_version::v5};
};

} // namespace weir::mqtt::testing
