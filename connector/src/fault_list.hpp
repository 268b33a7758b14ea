#pragma once

#include <weir/pipeline/options.hpp>

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::connector {

/// Collects the faults of options, values turned into text as a user would write them.
class fault_list {
  public:
    template <class Value>
    void when(bool faulty, std::string path, const Value& value, std::string_view allowed) {
        if (faulty) add({std::move(path), text(value), std::string(allowed)});
    }

    void add(pipeline::option_fault f) { faults_.push_back(std::move(f)); }

    [[nodiscard]] std::vector<pipeline::option_fault> take() && { return std::move(faults_); }

  private:
    static std::string text(std::integral auto number) { return std::to_string(number); }

    static std::string text(std::chrono::milliseconds d) { return std::to_string(d.count()) + "ms"; }

    static std::string text(std::string_view s) { return std::string(s); }

    std::vector<pipeline::option_fault> faults_;
};

/// Text between quotation marks, as values of strings are shown.
[[nodiscard]] inline std::string quoted(std::string_view s) {
    return '"' + std::string(s) + '"';
}

} // namespace weir::connector
