#pragma once

#include <weir/base/error.hpp>

#include <string>
#include <string_view>

namespace weir::mqtt {

/// The name of a TLS alert in the standard, "handshake_failure" (RFC 8446, 6).
[[nodiscard]] std::string_view tls_alert_name(int alert) noexcept;

/// Why OpenSSL did not accept the peer's certificate, in a word: "unknown_ca", "expired", "name_mismatch".
/// `code` is one of X509_V_ERR_*.
[[nodiscard]] std::string_view verify_failure_name(long code) noexcept;

/// From OpenSSL's queue of errors, which is empty afterwards, and the outcome of the verification. The detail
/// begins with the alert's name or the reason. `target` is whom it is about.
[[nodiscard]] error tls_error(long verify_code, const std::string& target);

/// The first entry of OpenSSL's queue of errors in words, which is empty afterwards.
[[nodiscard]] std::string take_openssl_reason();

} // namespace weir::mqtt
