#pragma once

#include "transport/openssl_ptr.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/tls.hpp>

#include <string>
#include <vector>

namespace weir::mqtt {

/// What OpenSSL makes of `tls_options`.
struct tls_context {
    ssl_ctx_ptr native{};
    std::string fingerprint{};          ///< of all that was read: a TLS session stands on that and no other
    std::vector<option_fault> faults{}; ///< paths start with the option's own name; empty when all is well
};

/// What a context is made for. Checking asks no callback for the password of a key, which is then left out,
/// and does without the certificates of the system.
enum class purpose : std::uint8_t { connect, check };

/// Reads every file.
[[nodiscard]] tls_context make_tls_context(const tls_options& options, purpose what_for);

/// The bytes of a key in hexadecimal; empty when it is none.
[[nodiscard]] std::string psk_bytes(const std::string& hex);

} // namespace weir::mqtt
