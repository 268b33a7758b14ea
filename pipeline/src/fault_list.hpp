#pragma once

#include <weir/pipeline/options.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::pipeline {

// Far beyond any use; they keep the rings, which are sized for the worst case, within memory.
inline constexpr std::size_t most_workers = 10'000;
inline constexpr std::size_t most_messages = 100'000'000;

/// Collects the faults of options.
class fault_list {
  public:
    void expect(bool holds, std::string path, std::string value, std::string allowed) {
        if (!holds) faults_.push_back({std::move(path), std::move(value), std::move(allowed)});
    }

    void expect_range(const std::string& path, std::size_t value, std::size_t low, std::size_t high) {
        expect(
            value >= low && value <= high, path, std::to_string(value),
            "an integer from " + std::to_string(low) + " to " + std::to_string(high));
    }

    [[nodiscard]] std::vector<option_fault> take() { return std::move(faults_); }

  private:
    std::vector<option_fault> faults_;
};

/// "buffer_size is 0, must be ..." for each.
[[nodiscard]] inline std::string describe(
    const std::vector<option_fault>& faults, std::string_view separator) {
    std::string text;
    for (const auto& f : faults) {
        if (!text.empty()) text += separator;
        text += f.path + " is " + f.value + ", must be " + f.allowed;
    }
    return text;
}

inline std::string text(std::chrono::milliseconds d) {
    return std::to_string(d.count()) + "ms";
}

inline std::string text(std::chrono::seconds d) {
    return std::to_string(d.count()) + "s";
}

inline std::string quoted(std::string_view s) {
    return "\"" + std::string{s} + "\"";
}

} // namespace weir::pipeline
