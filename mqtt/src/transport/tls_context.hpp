#pragma once

#include "transport/openssl_ptr.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/tls.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {

/// What OpenSSL makes of `tls_options`.
struct tls_context {
    std::shared_ptr<SSL_CTX> native{};
    std::string fingerprint{};          ///< of all that was read: a TLS session stands on that and no other
    std::string recipe{};               ///< of all that it was made from; empty when nobody may share it
    std::vector<option_fault> faults{}; ///< paths start with the option's own name; empty when all is well
};

/// What a context is made for. Checking asks no callback for the password of a key, which is then left out,
/// and does without the certificates of the system.
enum class purpose : std::uint8_t { connect, check };

/// Reads every file.
[[nodiscard]] tls_context make_tls_context(const tls_options& options, purpose what_for);

/// The same with the `native` of an equal one that is in use in this process, when there is one and both may
/// be shared. From any thread.
[[nodiscard]] tls_context share_tls_context(tls_context fresh);

/// The bytes of a key in hexadecimal; empty when it is none.
[[nodiscard]] std::string psk_bytes(const std::string& hex);

} // namespace weir::mqtt
