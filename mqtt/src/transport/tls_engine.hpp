#pragma once

#include "transport/tls_context.hpp"
#include "transport/tls_sessions.hpp"

#include <weir/base/bytes.hpp>
#include <weir/base/error.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace weir::mqtt {

/// One TLS connection without a socket: encrypted bytes go in and come out, plain ones likewise.
class tls_engine {
  public:
    /// What became of a step; `failed` is explained by `failure`.
    enum class progress : std::uint8_t { done, wants_input, ended, failed };

    /// `options` must outlive the engine. `host` is the name or address asked for. With `low_mem`, what
    /// connections have in common is there once.
    tls_engine(
        const tls_options& options, const std::string& host, std::uint16_t port,
        std::shared_ptr<tls_session_cache> sessions, bool low_mem);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine();

    /// What is wrong with the options' files at this moment, when something is.
    [[nodiscard]] std::optional<error> fault() const;

    void feed(std::span<const std::byte> encrypted);

    [[nodiscard]] progress handshake();

    /// About how much can be decrypted now.
    [[nodiscard]] std::size_t expected() const noexcept;

    /// Decrypts as much as is there and fits; `count` is how much. The outcome is that of what follows it.
    [[nodiscard]] progress read(std::span<std::byte> into, std::size_t& count);

    /// False when it cannot, which `failure` explains.
    [[nodiscard]] bool write(std::span<const std::byte> plain);

    /// Says that nothing more will be written.
    void end();

    /// Appends what is to be sent.
    void take_output(output_buffer& to);

    /// Gives back what held bytes that are gone by now; after the handshake.
    void release_buffers();

    [[nodiscard]] const error& failure() const noexcept { return failure_; }

  private:
    [[nodiscard]] tls_context make_context(bool low_mem) const;
    void configure();
    void name_server();
    void take_up_session();
    [[nodiscard]] progress judge(int outcome);
    [[nodiscard]] progress refuse();
    [[nodiscard]] bool is_named_in_certificate() const;

    static int session_made(SSL* ssl, SSL_SESSION* session);
    static unsigned key_asked(
        SSL* ssl, const char* hint, char* identity, unsigned most_identity, unsigned char* key,
        unsigned most_key);

    const tls_options& options_;
    const std::string name_; ///< the one to be proven
    const std::string server_;
    const std::shared_ptr<tls_session_cache> sessions_;
    tls_context context_;
    ssl_ptr ssl_;
    BIO* in_{nullptr};  ///< of `ssl_`
    BIO* out_{nullptr}; ///< of `ssl_`
    error failure_;
};

} // namespace weir::mqtt
