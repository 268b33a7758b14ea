#include "transport/tls_engine.hpp"

#include "transport/host_text.hpp"
#include "transport/tls_error.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr unsigned host_rules = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
constexpr std::size_t output_step = 16'384;

std::string name_to_prove(const tls_options& options, const std::string& host) {
    return without_brackets(options.server_name_indication.empty() ? host : options.server_name_indication);
}

/// As far as OpenSSL's sizes reach; the rest follows with the next call.
int clipped(std::size_t size) noexcept {
    return static_cast<int>(std::min<std::size_t>(size, 1u << 30));
}

/// For what arrives: empty is not the end.
BIO* input_memory() {
    BIO* const memory = BIO_new(BIO_s_mem());
    if (memory != nullptr) BIO_set_mem_eof_return(memory, -1);
    return memory;
}

} // namespace

tls_engine::tls_engine(
    const tls_options& options, const std::string& host, std::uint16_t port,
    std::shared_ptr<tls_session_cache> sessions, bool low_mem)
    : options_(options)
    , name_(name_to_prove(options, host))
    , server_(host_and_port(host, port))
    , sessions_(std::move(sessions))
    , context_(make_context(low_mem))
    , ssl_(SSL_new(context_.native.get()))
    , in_(input_memory())
    , out_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_.get(), in_, out_);
    configure();
}

tls_engine::~tls_engine() {
    // A connection that broke does not spoil its session, unless TLS itself failed.
    if (!failure_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

tls_context tls_engine::make_context(bool low_mem) const {
    auto made = make_tls_context(options_, purpose::connect);
    if (options_.session_resumption) {
        SSL_CTX_set_session_cache_mode(made.native.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(made.native.get(), session_made);
    }
    return low_mem ? share_tls_context(std::move(made)) : made;
}

void tls_engine::configure() {
    auto* const ssl = ssl_.get();
    SSL_set_app_data(ssl, this);
    SSL_set_connect_state(ssl);
    SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    name_server();
    const bool verifies = options_.verify == tls_verify::verify_peer;
    SSL_set_verify(ssl, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (!options_.psk_key.empty()) SSL_set_psk_client_callback(ssl, key_asked);
    if (sessions_ && options_.session_resumption) take_up_session();
}

void tls_engine::name_server() {
    const bool is_address = is_ip_address(name_);
    if (!is_address && !name_.empty()) SSL_set_tlsext_host_name(ssl_.get(), name_.c_str());
    if (options_.verify != tls_verify::verify_peer || !options_.verify_host) return;
    auto* const rules = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(rules, host_rules);
    if (is_address) {
        X509_VERIFY_PARAM_set1_ip_asc(rules, name_.c_str());
    } else {
        X509_VERIFY_PARAM_set1_host(rules, name_.data(), name_.size());
    }
}

void tls_engine::take_up_session() {
    const auto known = sessions_->take(server_, context_.fingerprint);
    if (known && SSL_SESSION_is_resumable(known.get()) == 1) SSL_set_session(ssl_.get(), known.get());
}

int tls_engine::session_made(SSL* ssl, SSL_SESSION* session) {
    const auto* const self = static_cast<tls_engine*>(SSL_get_app_data(ssl));
    if (!self->sessions_) return 0;
    self->sessions_->keep(self->server_, self->context_.fingerprint, ssl_session_ptr{session});
    return 1; // the reference is ours now
}

unsigned tls_engine::key_asked(
    SSL* ssl, const char*, char* identity, unsigned most_identity, unsigned char* key, unsigned most_key) {
    const auto& o = static_cast<tls_engine*>(SSL_get_app_data(ssl))->options_;
    const auto bytes = psk_bytes(o.psk_key);
    if (o.psk_identity.size() >= most_identity || bytes.size() > most_key) return 0;
    std::copy_n(o.psk_identity.c_str(), o.psk_identity.size() + 1, identity);
    std::copy(bytes.begin(), bytes.end(), key);
    return static_cast<unsigned>(bytes.size());
}

std::optional<error> tls_engine::fault() const {
    if (context_.faults.empty()) return std::nullopt;
    const auto& first = context_.faults.front();
    return error{
        errc::option_invalid,
        "ssl_opts." + first.path + " is " + first.value + ", allowed: " + first.allowed};
}

void tls_engine::feed(std::span<const std::byte> encrypted) {
    while (!encrypted.empty()) {
        const int count = BIO_write(in_, encrypted.data(), clipped(encrypted.size()));
        if (count <= 0) return; // out of memory, which the next step reports
        encrypted = encrypted.subspan(static_cast<std::size_t>(count));
    }
}

tls_engine::progress tls_engine::handshake() {
    ERR_clear_error();
    const auto outcome = judge(SSL_do_handshake(ssl_.get()));
    if (outcome != progress::done || is_named_in_certificate()) return outcome;
    return refuse();
}

bool tls_engine::is_named_in_certificate() const {
    if (options_.verify != tls_verify::verify_peer || !options_.verify_host) return true;
    auto* const shown = SSL_get0_peer_certificate(ssl_.get());
    // With a shared key there is none; an address was compared with addresses only.
    if (shown == nullptr || is_ip_address(name_)) return true;
    // OpenSSL looks at the common name when there are alternative names and none of them is a host's.
    if (X509_get_ext_by_NID(shown, NID_subject_alt_name, -1) < 0) return true;
    return X509_check_host(
               shown, name_.data(), name_.size(), host_rules | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
               nullptr) == 1;
}

tls_engine::progress tls_engine::refuse() {
    failure_ = {
        errc::tls_verify_failed, std::string(verify_failure_name(X509_V_ERR_HOSTNAME_MISMATCH)) +
                                     ": the certificate of " + server_ +
                                     ": none of its alternative names is " + name_};
    return progress::failed;
}

tls_engine::progress tls_engine::judge(int outcome) {
    if (outcome > 0) return progress::done;
    switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return progress::wants_input;
    case SSL_ERROR_ZERO_RETURN: return progress::ended;
    default: failure_ = tls_error(SSL_get_verify_result(ssl_.get()), server_); return progress::failed;
    }
}

std::size_t tls_engine::expected() const noexcept {
    return BIO_ctrl_pending(in_) + static_cast<std::size_t>(SSL_pending(ssl_.get()));
}

tls_engine::progress tls_engine::read(std::span<std::byte> into, std::size_t& count) {
    ERR_clear_error();
    count = 0;
    while (count < into.size()) {
        const int got = SSL_read(ssl_.get(), into.data() + count, clipped(into.size() - count));
        if (got <= 0) return judge(got);
        count += static_cast<std::size_t>(got);
    }
    return progress::done;
}

bool tls_engine::write(std::span<const std::byte> plain) {
    ERR_clear_error();
    while (!plain.empty()) {
        const int taken = SSL_write(ssl_.get(), plain.data(), clipped(plain.size()));
        if (taken <= 0) {
            if (judge(taken) != progress::failed)
                failure_ = {errc::tls_failed, "renegotiation: asked for by " + server_};
            return false;
        }
        plain = plain.subspan(static_cast<std::size_t>(taken));
    }
    return true;
}

void tls_engine::end() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

void tls_engine::take_output(output_buffer& to) {
    while (const auto waiting = BIO_ctrl_pending(out_)) {
        const auto step = std::min(waiting, output_step);
        const int count = BIO_read(out_, to.extend(step), static_cast<int>(step));
        if (count != static_cast<int>(step)) return;
    }
}

void tls_engine::release_buffers() {
    // The memory of a BIO only grows.
    if (BIO_ctrl_pending(in_) == 0)
        if (BIO* const fresh = input_memory()) SSL_set0_rbio(ssl_.get(), in_ = fresh);
    if (BIO_ctrl_pending(out_) == 0)
        if (BIO* const fresh = BIO_new(BIO_s_mem())) SSL_set0_wbio(ssl_.get(), out_ = fresh);
}

} // namespace weir::mqtt
