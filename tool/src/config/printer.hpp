#pragma once

#include <string>
#include <string_view>

namespace weir::tool {

/// Writes a configuration as TOML text.
class printer {
  public:
    /// Secrets are written as "********" unless `show_secrets`.
    explicit printer(bool show_secrets)
        : show_secrets_(show_secrets) {}

    /// `key = literal` in the present table.
    void value(std::string_view key, const std::string& literal, bool secret);

    /// Goes into a table, or into one more element of an array of tables. The header is written with the
    /// first value, so that a table without any leaves no trace.
    void enter_table(std::string_view key);
    void enter_element(std::string_view key);
    void leave();

    /// As `enter_element`, but `key = [{ ... }, { ... }]` on lines of its own in the table around it.
    void begin_inline_array(std::string_view key);
    void begin_inline_element();
    void end_inline_element();
    void end_inline_array();

    [[nodiscard]] std::string take() && { return std::move(text_); }

  private:
    void enter(std::string_view key, std::string_view open, std::string_view close);
    void write_header();

    std::string text_;
    std::string path_;
    std::string header_; ///< not yet written
    bool show_secrets_;
    bool inline_{false};
    bool first_of_element_{true};
};

} // namespace weir::tool
