#pragma once

#include "front.hpp"
#include "support/certificates.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt::fronts {

/// TLS before a broker.
class tls_front : front {
  public:
    struct settings {
        weir::testing::credentials own{};
        std::string client_ca{};         ///< a certificate of this authority is demanded of the client
        std::vector<std::string> alpn{}; ///< chosen from, when the client offers any
        std::string psk_identity{};      ///< instead of certificates
        std::string psk_key{};           ///< bytes
        std::string ciphers{};           ///< up to TLS 1.2, that it accepts; what it likes when empty
        int min_version{0};              ///< as OpenSSL numbers them; 0: what it likes
        int max_version{0};
    };

    struct seen {
        std::string server_name{}; ///< that the client has asked for
        std::string alpn{};        ///< agreed upon
        std::string client{};      ///< common name of its certificate
        std::string version{};
        std::string cipher{}; ///< as OpenSSL names it
        bool resumed{false};
    };

    tls_front(std::uint16_t broker, settings how);
    ~tls_front();

    using front::port;

    /// Handshakes that succeeded, as soon as there are `count`.
    [[nodiscard]] std::vector<seen> handshakes(std::size_t count) const { return seen_.wait_for(count); }

  private:
    struct native;

    asio::awaitable<void> serve(tcp::socket accepted);

    const std::uint16_t broker_;
    const settings how_;
    std::unique_ptr<native> native_;
    records<seen> seen_;
};

} // namespace weir::mqtt::fronts
