#pragma once

#include "command_line.hpp"
#include "output/mqtt_json.hpp"

#include <string>
#include <vector>

namespace weir::tool {

/// Which event a `wait` waits for: its name, and fields by their path ("error.name",
/// "filters.0.reason_code").
class event_match {
  public:
    event_match(std::string name, std::vector<word> fields)
        : name_(std::move(name))
        , fields_(std::move(fields)) {}

    /// A text equals a value of the same characters, and anything that is not a text by its JSON.
    [[nodiscard]] bool fits(const json_value& event) const;

  private:
    std::string name_;
    std::vector<word> fields_;
};

} // namespace weir::tool
