#include "tls_front.hpp"

#include "relay.hpp"

#include <boost/asio/ssl.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace weir::mqtt::fronts {

struct tls_front::native {
    asio::ssl::context context{asio::ssl::context::tls_server};
};

namespace {

using stream = asio::ssl::stream<tcp::socket>;

std::string common_name(SSL* ssl) {
    X509* const shown = SSL_get0_peer_certificate(ssl);
    if (shown == nullptr) return {};
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name.data(), name.size());
    return name.data();
}

tls_front::seen describe(SSL* ssl) {
    tls_front::seen out;
    if (const auto* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) out.server_name = name;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    out.alpn.assign(reinterpret_cast<const char*>(protocol), size);
    out.client = common_name(ssl);
    out.version = SSL_get_version(ssl);
    out.cipher = SSL_get_cipher_name(ssl);
    out.resumed = SSL_session_reused(ssl) == 1;
    return out;
}

int choose_protocol(
    SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned count,
    void* settings) {
    for (const auto& wanted : static_cast<const tls_front::settings*>(settings)->alpn) {
        for (unsigned i = 0; i < count; i += 1u + offered[i]) {
            const std::string name{reinterpret_cast<const char*>(offered + i + 1), offered[i]};
            if (name != wanted) continue;
            *chosen = offered + i + 1;
            *size = offered[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Asio keeps the usual place for itself.
int place_of_settings() {
    static const int place = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return place;
}

unsigned find_key(SSL* ssl, const char* identity, unsigned char* key, unsigned most) {
    const auto* const how = static_cast<const tls_front::settings*>(
        SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place_of_settings()));
    if (identity != how->psk_identity || how->psk_key.size() > most) return 0;
    std::memcpy(key, how->psk_key.data(), how->psk_key.size());
    return static_cast<unsigned>(how->psk_key.size());
}

void apply(const tls_front::settings& how, asio::ssl::context& context) {
    auto* const ctx = context.native_handle();
    SSL_CTX_set_ex_data(ctx, place_of_settings(), const_cast<tls_front::settings*>(&how));
    static constexpr unsigned char id[] = "weir";
    SSL_CTX_set_session_id_context(ctx, id, sizeof id);
    if (how.min_version != 0) SSL_CTX_set_min_proto_version(ctx, how.min_version);
    if (how.max_version != 0) SSL_CTX_set_max_proto_version(ctx, how.max_version);
    if (!how.ciphers.empty()) SSL_CTX_set_cipher_list(ctx, how.ciphers.c_str());
    if (!how.own.certificate.empty()) {
        context.use_certificate_chain(asio::buffer(how.own.certificate));
        context.use_private_key(asio::buffer(how.own.key), asio::ssl::context::pem);
    }
    if (!how.client_ca.empty()) {
        context.add_certificate_authority(asio::buffer(how.client_ca));
        context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    if (!how.alpn.empty())
        SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, const_cast<tls_front::settings*>(&how));
    if (!how.psk_key.empty()) SSL_CTX_set_psk_server_callback(ctx, find_key);
}

} // namespace

tls_front::tls_front(std::uint16_t broker, settings how)
    : broker_(broker)
    , how_(std::move(how))
    , native_(std::make_unique<native>()) {
    apply(how_, native_->context);
    start([this](tcp::socket accepted) { return serve(std::move(accepted)); });
}

tls_front::~tls_front() {
    stop();
}

asio::awaitable<void> tls_front::serve(tcp::socket accepted) {
    stream client{std::move(accepted), native_->context};
    boost::system::error_code ec;
    co_await client.async_handshake(
        asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {
        // The alert is out; what the client still sends is read, so that no reset destroys it.
        end_sending(client.next_layer());
        std::array<char, 4'096> space{};
        ec = {};
        while (!ec)
            co_await client.next_layer().async_read_some(
                asio::buffer(space), asio::redirect_error(asio::use_awaitable, ec));
        co_return;
    }
    seen_.add(describe(client.native_handle()));
    auto broker = co_await dial(broker_);
    using namespace asio::experimental::awaitable_operators;
    co_await (pump(client, broker, [&] { end_sending(broker); }) && pump(broker, client, [&] {
                  SSL_shutdown(client.native_handle()); // what it has to say is not waited for
                  end_sending(client.next_layer());
              }));
}

} // namespace weir::mqtt::fronts
