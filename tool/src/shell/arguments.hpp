#pragma once

#include "command_line.hpp"

#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// A command that cannot be done as it is written.
class bad_command : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The words of a command, taken one by one under their names. Every function throws `bad_command` with the
/// name, the value and what is allowed.
class arguments {
  public:
    explicit arguments(std::vector<word> words)
        : words_(std::move(words)) {}

    /// The word of that key, or else the next one without a key.
    [[nodiscard]] std::optional<word> positional(const std::string& name);
    [[nodiscard]] word needed(const std::string& name);

    /// All words without a key.
    [[nodiscard]] std::vector<std::string> rest(const std::string& name);

    [[nodiscard]] std::optional<word> value(const std::string& key);
    [[nodiscard]] bool flag(const std::string& key, bool otherwise = false);
    [[nodiscard]] std::uint64_t number(
        const std::string& key, std::uint64_t low, std::uint64_t high, std::uint64_t otherwise);
    [[nodiscard]] std::optional<std::chrono::milliseconds> span(const std::string& key);
    [[nodiscard]] mqtt::qos qos();

    /// `reason_code=`, by name or number.
    [[nodiscard]] mqtt::reason_code reason(mqtt::reason_code otherwise);

    /// Every `properties.NAME=`.
    [[nodiscard]] mqtt::properties properties();

    [[nodiscard]] bool empty() const noexcept { return words_.empty(); }

    /// All words that are left, which is all the command has.
    [[nodiscard]] std::vector<word> everything();

    /// Refuses what nobody asked for.
    void finish() const;

  private:
    [[nodiscard]] std::vector<word>::iterator find(const std::string& key);

    std::vector<word> words_;
    std::vector<std::string> known_{}; ///< keys asked for so far
};

[[nodiscard]] std::uint64_t to_number(
    const std::string& name, const std::string& text, std::uint64_t low, std::uint64_t high);
[[nodiscard]] std::chrono::milliseconds to_span(const std::string& name, const std::string& text);
[[nodiscard]] mqtt::qos to_qos(const std::string& text);
[[nodiscard]] bool to_flag(const std::string& name, const std::string& text);

} // namespace weir::tool
