#pragma once

#include <weir/connector/options.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

/// Options without a fault, and what is found when one of them is changed.
namespace weir::connector {

inline constexpr pipeline::handler_abilities able{.handles_batches = true, .partitions = true};

[[nodiscard]] inline options good() {
    options o;
    o.name = "sensors";
    o.producer.topics = {{"sensors/temperature", mqtt::qos::at_least_once}};
    o.producer.config.clientid = "my-pipeline";
    o.batchers = {{.name = "default"}};
    return o;
}

[[nodiscard]] inline std::vector<option_fault> faults(const std::function<void(options&)>& change) {
    auto o = good();
    change(o);
    return check(o, able);
}

[[nodiscard]] inline auto fault_at(const std::string& path, const std::string& value = "") {
    return ::testing::Contains(::testing::AllOf(
        ::testing::Field("path", &option_fault::path, path),
        ::testing::Field("value", &option_fault::value, ::testing::HasSubstr(value))));
}

} // namespace weir::connector
