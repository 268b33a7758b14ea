#pragma once

#include "payload_form.hpp"
#include "selector.hpp"

#include <weir/connector/options.hpp>
#include <weir/sinks/options.hpp>

#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// What a file says about a batcher that C++ code would say in its handler.
struct batcher_placement {
    std::vector<std::string> topics{};         ///< filters of what it takes; none: what no other batcher does
    std::optional<selector> batch_key{};       ///< none: all messages have the same
    std::optional<selector> partition_by{};    ///< none: any batch processor takes any batch
    std::optional<sinks::sink_options> sink{}; ///< none: the file's own
};

/// What a configuration file says.
struct file_config {
    connector::options pipeline{};
    std::optional<std::string> password_file{};     ///< where `pipeline.producer.config.password` came from
    std::optional<std::string> key_password_file{}; ///< likewise of `ssl_opts.key_password`
    payload_form payload{payload_form::bytes};
    std::optional<selector> partition_by{};      ///< what `pipeline.processors.ordering` keeps in order
    std::vector<batcher_placement> placements{}; ///< of `pipeline.batchers`, in their order
    std::optional<sinks::jsonl_options> dead_letters{}; ///< none: failed messages are the broker's again
    std::optional<sinks::sink_options> sink{};          ///< of all batchers without one of their own
    std::optional<std::string> metrics_listen{};        ///< where a scraper finds the counters; none: nowhere
};

/// Where the batcher's messages end; the pipeline's messages without batchers, for an `index` that no batcher
/// has. `c` must be free of faults.
[[nodiscard]] const sinks::sink_options& sink_of(const file_config& c, std::size_t index);

/// Each place where messages end, once.
[[nodiscard]] std::vector<sinks::sink_options> all_sinks(const file_config& c);

} // namespace weir::tool
