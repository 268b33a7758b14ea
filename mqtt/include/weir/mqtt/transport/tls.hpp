#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::mqtt {

class io_lane;

enum class tls_version : std::uint8_t { v1_0, v1_1, v1_2, v1_3 };

/// Whether the server has to prove who it is.
enum class tls_verify : std::uint8_t { verify_peer, verify_none };

/// How a TLS connection is made, under the names of emqtt's `ssl_opts` where it has the option. All files are
/// PEM and read again for each connection, so that renewed ones need no restart.
struct tls_options {
    // -- whom to trust; without any of the three, the certificates of the system
    std::string cacertfile{}; ///< file of certificates
    std::string ca_path{};    ///< folder of certificates, under the names of `openssl rehash`
    std::string ca_data{};    ///< certificates in memory

    // -- who the server has to be
    tls_verify verify{tls_verify::verify_peer};
    bool verify_host{true}; ///< the certificate has to name the host (RFC 6125)

    /// Sent to the server, and looked for in its certificate, in place of the host.
    std::string server_name_indication{};

    // -- who we are
    std::string certfile{};  ///< our certificate, followed by those between it and the root
    std::string keyfile{};   ///< its key; empty: in `certfile` too
    std::string cert_data{}; ///< the same in memory
    std::string key_data{};
    std::string key_password{};                           ///< of an encrypted key; never printed
    std::function<std::string()> key_password_callback{}; ///< asked at each connect, on the client's lane
    std::string psk_identity{};                           ///< instead of certificates: a shared key
    std::string psk_key{};                                ///< in hexadecimal; never printed

    // -- what is spoken
    tls_version min_version{tls_version::v1_2};
    std::optional<tls_version> max_version{};
    std::string ciphers{};           ///< up to TLS 1.2, in OpenSSL's notation
    std::string ciphersuites{};      ///< of TLS 1.3, separated by colons
    std::vector<std::string> alpn{}; ///< protocols to offer, the preferred one first
    bool session_resumption{true};   ///< a reconnect takes up the last TLS session
    std::string keylog_file{};       ///< for debugging: lets who reads it decrypt everything
};

/// The TLS sessions of earlier connections, shared by the transports of one client. Not thread-safe.
class tls_session_cache;

[[nodiscard]] std::shared_ptr<tls_session_cache> make_tls_session_cache();

/// TLS over the stream `below`. Fails with `tls_verify_failed` and `tls_failed`; an alert of the peer ends
/// the stream under its name, whenever it comes.
[[nodiscard]] std::unique_ptr<transport> make_tls_transport(
    io_lane& lane, std::unique_ptr<transport> below, tls_options options,
    std::shared_ptr<tls_session_cache> sessions = {});

} // namespace weir::mqtt
