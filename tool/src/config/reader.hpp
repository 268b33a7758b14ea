#pragma once

#include "fault.hpp"

#include <toml++/toml.h>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// Follows the reading of a file: where in the tree it is, where in the text each value stands, and every
/// fault found so far. Reading never stops at a fault, so that a user sees all of them at once.
class reader {
  public:
    /// Goes one level down the tree for as long as it lives.
    class level {
      public:
        level(reader& r, std::string_view name, const toml::source_region& where);
        level(const level&) = delete;
        level& operator=(const level&) = delete;
        ~level();

      private:
        reader& reader_;
        std::size_t length_before_;
    };

    /// A value at the present path that is not one of the allowed.
    void refuse(const toml::node& value, const std::string& allowed, bool secret = false);

    /// A key that exists elsewhere, but not at the present path.
    void refuse_key(const toml::node& value, const std::string& why);

    /// A key that must be in `table`, which stands at the present path, and is not.
    void missing(const toml::node& table, const std::string& key, const std::string& allowed);

    /// A key that does not exist below the present path.
    void unknown_key(const toml::key& key, std::span<const std::string> known);

    /// A fault found by a later check, at the place of its path or of the nearest part of it that was given.
    /// Left out when the same value was refused before: one mistake is reported once.
    void add_checked(const std::string& path, const std::string& value, const std::string& allowed);

    [[nodiscard]] const std::vector<config_fault>& faults() const noexcept { return faults_; }

  private:
    struct place {
        std::uint32_t line{0};
        std::uint32_t column{0};
    };

    [[nodiscard]] place place_of(std::string path) const;
    [[nodiscard]] bool already_refused(const std::string& path) const;

    std::string path_;
    std::map<std::string, place> places_;
    std::vector<config_fault> faults_;
};

/// The value as it would stand in a file, for messages.
[[nodiscard]] std::string literal(const toml::node& value);

/// A TOML basic string.
[[nodiscard]] std::string toml_string(std::string_view text);

} // namespace weir::tool
