#pragma once

#include "file_config.hpp"
#include "schema.hpp"

#include <weir/mqtt/types/property.hpp>

namespace weir::tool {

/// The table `producer.config`: the client's options, and what only a file can say about them.
struct client_section {
    mqtt::client_options options{};
    std::optional<std::string> password_file{};
    std::optional<std::string> key_password_file{}; ///< of `ssl_opts`
};

/// The table `producer`.
struct producer_section {
    connector::producer_options options{};
    client_section config{};
};

/// The table `processors`.
struct processors_section {
    pipeline::processors_options options{};
    std::optional<selector> partition_by{};
    payload_form payload{payload_form::bytes};
};

/// One of the tables `batchers`.
struct batcher_section {
    pipeline::batcher_options options{};
    batcher_placement placement{};
};

/// The table `dead_letter`.
struct dead_letter_section {
    pipeline::dead_letter_options options{};
    sinks::jsonl_options file{};
};

/// The table `metrics`.
struct metrics_section {
    std::optional<std::string> listen{};
};

/// The whole file, with every table where the file has it.
struct document {
    connector::options options{}; ///< but for what has a section of its own
    producer_section producer{};
    processors_section processors{};
    std::vector<batcher_section> batchers{};
    std::optional<dead_letter_section> dead_letter{};
    std::optional<sinks::sink_options> sink{};
    metrics_section metrics{};
};

[[nodiscard]] document to_document(const file_config& c);
[[nodiscard]] file_config to_config(document d);

[[nodiscard]] const schema<document>& document_schema();
[[nodiscard]] const schema<producer_section>& producer_schema();
[[nodiscard]] const schema<client_section>& client_schema();

/// The keys of a client that belongs to no pipeline, but for properties: with the windows and
/// acknowledgements that a pipeline keeps for itself.
[[nodiscard]] const schema<client_section>& standalone_client_schema();

/// The keys that both have, properties apart.
[[nodiscard]] std::vector<entry<client_section>> shared_client_entries();
[[nodiscard]] const schema<client_section>& tls_schema();
[[nodiscard]] const schema<mqtt::tcp_options>& tcp_schema();

/// Those of the client that say how the broker is reached.
[[nodiscard]] std::vector<entry<client_section>> transport_entries();
[[nodiscard]] const schema<mqtt::properties>& connect_properties_schema();
[[nodiscard]] const schema<mqtt::properties>& will_properties_schema();
[[nodiscard]] const schema<processors_section>& processors_schema();
[[nodiscard]] const schema<batcher_section>& batcher_schema();
[[nodiscard]] const schema<pipeline::retry_options>& retry_schema();
[[nodiscard]] const schema<pipeline::batch_retry_options>& batch_retry_schema();
[[nodiscard]] const schema<dead_letter_section>& dead_letter_schema();
[[nodiscard]] const schema<metrics_section>& metrics_schema();
[[nodiscard]] const schema<pipeline::overflow_options>& overflow_schema();
[[nodiscard]] const schema<pipeline::rate_limiting_options>& rate_limiting_schema();
[[nodiscard]] const schema<pipeline::circuit_breaker_options>& circuit_breaker_schema();

using sink_section = std::optional<sinks::sink_options>;

void read_sink(const toml::node& n, sink_section& to, reader& r);
void print_sink(const sink_section& from, printer& p);
void describe_sink(
    const std::function<void(const std::string&, const std::string&, const std::string&)>& tell);

/// The table `sink`, whose `type` says which keys it has.
template <class Owner>
[[nodiscard]] entry<Owner> sink_entry(sink_section Owner::*member) {
    entry<Owner> e;
    e.key = "sink";
    e.nested = true;
    e.read = [member](const toml::node& n, Owner& to, reader& r) { read_sink(n, to.*member, r); };
    e.print = [member](const Owner& from, printer& p) { print_sink(from.*member, p); };
    e.describe_nested = describe_sink;
    return e;
}

} // namespace weir::tool
