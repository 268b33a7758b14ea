#pragma once

#include <weir/base/telemetry.hpp>
#include <weir/base/time.hpp>
#include <weir/connector/events.hpp>
#include <weir/connector/options.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace weir::connector {

/// What every part of one producer knows. Immutable.
struct producer_context {
    std::string pipeline;
    std::size_t index;
    std::string client_id;
    producer_options options; ///< effective
    std::shared_ptr<weir::telemetry> bus;
    const time_source& time;

    /// Whose event it is, now.
    [[nodiscard]] events::origin stamp() const noexcept {
        return {
            .pipeline = pipeline,
            .producer_index = index,
            .client_id = client_id,
            .time = time.now(),
            .system_time = time.system_now()};
    }

    /// How log lines begin: "sensors/my-client_0: ".
    [[nodiscard]] std::string log_prefix() const { return pipeline + '/' + client_id + ": "; }
};

} // namespace weir::connector
