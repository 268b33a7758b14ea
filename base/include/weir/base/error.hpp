#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace weir {

/// What went wrong: a stable code to compare with, and the particulars for a person to read.
///
/// The code's category tells whose vocabulary it is (`mqtt::errc`, `pipeline::errc`, the operating system);
/// `detail` names the thing and the value, e.g. "max_inflight must be 1..65535, got 0". Never holds a secret.
struct error {
    std::error_code code;
    std::string detail;

    error() = default;

    error(std::error_code c)
        : code(c) {} // NOLINT(google-explicit-constructor): a bare code is an error

    error(std::error_code c, std::string text)
        : code(c)
        , detail(std::move(text)) {}

    /// "detail (sentence of the code)", or the sentence alone when there is no detail.
    [[nodiscard]] std::string message() const;

    explicit operator bool() const noexcept { return static_cast<bool>(code); }

    /// Errors are equal when their codes are; the detail is for people.
    friend bool operator==(const error& a, const error& b) noexcept { return a.code == b.code; }
};

/// An error of the user's own making, for decoders and handlers: `return weir::failure("no temperature")`.
[[nodiscard]] error failure(std::string detail);

} // namespace weir
