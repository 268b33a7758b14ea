#pragma once

#include "config/load.hpp"

#include <string>

/// A small configuration and what is done to it in tests.
namespace weir::tool {

inline const std::string fleet = R"(
name = "fleet"
[producer]
topics = [{ filter = "/hfp/#", qos = 1 }]
max_inflight = 1000
concurrency = 1
[producer.config]
host = "127.0.0.1"
port = 1883
clientid = "fleet"
proto_ver = "v5"
[processors]
concurrency = 4
[[batchers]]
name = "default"
batch_size = 500
batch_timeout = "200ms"
[sink]
type = "sqlite"
path = "fleet.db"
)";

[[nodiscard]] inline std::string faults_of(const std::string& text) {
    return describe("f.toml", load_text(text, "f.toml").faults);
}

/// The fleet's file with one line put in behind a table's header, or before everything for "".
[[nodiscard]] inline std::string with(const std::string& header, const std::string& line) {
    auto text = fleet;
    const auto at = header.empty() ? 0 : text.find(header) + header.size();
    return text.insert(at, "\n" + line + "\n");
}

[[nodiscard]] inline std::string with_config(const std::string& line) {
    return with("[producer.config]", line);
}

/// The fleet's file with a part of it replaced.
[[nodiscard]] inline std::string replaced(const std::string& what, const std::string& by) {
    auto text = fleet;
    return text.replace(text.find(what), what.size(), by);
}

} // namespace weir::tool
