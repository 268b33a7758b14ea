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

/// Whether a callback for the key's password may be asked.
enum class passphrase : std::uint8_t { may_ask, must_not_ask };

/// Reads every file. A key whose password only a callback knows is left out with `must_not_ask`.
[[nodiscard]] tls_context make_tls_context(const tls_options& options, passphrase how);

/// The bytes of a key in hexadecimal; empty when it is none.
[[nodiscard]] std::string psk_bytes(const std::string& hex);

} // namespace weir::mqtt
