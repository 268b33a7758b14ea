#pragma once

#include "file_config.hpp"
#include "schema.hpp"

#include <weir/mqtt/types/property.hpp>

namespace weir::tool {

/// The table `producer.config`: the client's options, and what only a file can say about them.
struct client_section {
    mqtt::client_options options{};
    std::optional<std::string> password_file{};
};

/// The table `producer`.
struct producer_section {
    connector::producer_options options{};
    client_section config{};
};

/// The whole file, with every table where the file has it.
struct document {
    connector::options options{}; ///< all but the producer
    producer_section producer{};
    std::optional<sinks::sink_options> sink{};
};

[[nodiscard]] const schema<document>& document_schema();
[[nodiscard]] const schema<producer_section>& producer_schema();
[[nodiscard]] const schema<client_section>& client_schema();
[[nodiscard]] const schema<mqtt::properties>& connect_properties_schema();
[[nodiscard]] const schema<mqtt::properties>& will_properties_schema();
[[nodiscard]] entry<document> sink_entry();

} // namespace weir::tool
