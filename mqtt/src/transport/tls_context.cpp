#include "transport/tls_context.hpp"

#include "transport/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::size_t longest_protocol_name = 255;

int native_version(tls_version v) noexcept {
    switch (v) {
    case tls_version::v1_0: return TLS1_VERSION;
    case tls_version::v1_1: return TLS1_1_VERSION;
    case tls_version::v1_2: return TLS1_2_VERSION;
    case tls_version::v1_3: return TLS1_3_VERSION;
    }
    return TLS1_2_VERSION;
}

std::string shown(const std::string& text) {
    return '"' + text + '"';
}

bio_ptr reader_of(const std::string& pem) {
    return bio_ptr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

std::vector<x509_ptr> certificates_in(const std::string& pem) {
    std::vector<x509_ptr> all;
    const auto reader = reader_of(pem);
    while (auto* const one = PEM_read_bio_X509_AUX(reader.get(), nullptr, nullptr, nullptr))
        all.emplace_back(one);
    ERR_clear_error(); // the end of the text counts as an error
    return all;
}

/// What OpenSSL asks when a key is encrypted; without an answer the key counts as unreadable, since asking
/// on the terminal is the default.
int give_password(char* to, int size, int, void* password) {
    const auto& text = *static_cast<const std::string*>(password);
    const auto count = std::min(text.size(), static_cast<std::size_t>(std::max(size, 0)));
    std::copy_n(text.data(), count, to);
    return count == 0 ? -1 : static_cast<int>(count);
}

std::string sha256(const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

void log_key(const SSL* ssl, const char* line) {
    const auto* const path = static_cast<const std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    std::ofstream(*path, std::ios::app) << line << '\n';
}

/// Applies the options one by one and notes what cannot be.
class builder {
  public:
    builder(const tls_options& options, purpose what_for)
        : options_(options)
        , what_for_(what_for) {
        out_.native.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        ERR_clear_error();
    }

    tls_context build() {
        versions();
        ciphers();
        protocols();
        shared_key();
        trust();
        certificate();
        key();
        out_.fingerprint = sha256(read_);
        if (is_made_from_what_was_read()) out_.recipe = sha256(settings() + read_);
        ERR_clear_error();
        return std::move(out_);
    }

  private:
    void versions();
    void ciphers();
    void protocols();
    void shared_key();
    void trust();
    void trust_certificates(const std::string& pem, const char* option, const std::string& value);
    void certificate();
    void key();
    [[nodiscard]] std::string password() const;
    [[nodiscard]] bool is_made_from_what_was_read() const;
    [[nodiscard]] std::string settings() const;

    void fault(const char* option, std::string value, std::string allowed) {
        out_.faults.push_back({option, std::move(value), std::move(allowed)});
    }

    /// The content of a file, or a fault.
    std::optional<std::string> content_of(const std::string& path, const char* option) {
        std::ifstream in(path, std::ios::binary);
        std::string content{std::istreambuf_iterator<char>(in), {}};
        if (!in.is_open() || in.bad()) {
            fault(option, shown(path), "a file that can be read");
            return std::nullopt;
        }
        note(option, content);
        return content;
    }

    /// What one of two options says, in a file or in memory.
    std::optional<std::string> pem_of(const std::string& file, const std::string& data, const char* option) {
        if (!data.empty()) note(option, data);
        return data.empty() ? content_of(file, option) : data;
    }

    /// With its place: the same certificate may be ours or one to trust.
    void note(const char* option, const std::string& content) { read_ += option + (' ' + content) + '\0'; }

    const tls_options& options_;
    const purpose what_for_;
    tls_context out_;
    std::string read_;
    bool has_certificate_{false};
};

void builder::versions() {
    auto* const ctx = out_.native.get();
    SSL_CTX_set_min_proto_version(ctx, native_version(options_.min_version));
    if (!options_.max_version) return;
    SSL_CTX_set_max_proto_version(ctx, native_version(*options_.max_version));
    if (*options_.max_version < options_.min_version)
        fault("max_version", "(lower than min_version)", "at least min_version");
}

void builder::ciphers() {
    auto* const ctx = out_.native.get();
    if (!options_.ciphers.empty() && SSL_CTX_set_cipher_list(ctx, options_.ciphers.c_str()) != 1)
        fault("ciphers", shown(options_.ciphers), "a list in the notation of `openssl ciphers`");
    if (!options_.ciphersuites.empty() && SSL_CTX_set_ciphersuites(ctx, options_.ciphersuites.c_str()) != 1)
        fault("ciphersuites", shown(options_.ciphersuites), "names of TLS 1.3, separated by colons");
}

void builder::protocols() {
    std::string wire;
    for (const auto& name : options_.alpn) {
        if (name.empty() || name.size() > longest_protocol_name)
            return fault("alpn", shown(name), "names of 1 to 255 bytes");
        wire += static_cast<char>(name.size());
        wire += name;
    }
    if (wire.empty()) return;
    SSL_CTX_set_alpn_protos(
        out_.native.get(), reinterpret_cast<const unsigned char*>(wire.data()),
        static_cast<unsigned>(wire.size()));
}

void builder::shared_key() {
    if (options_.psk_key.empty() != options_.psk_identity.empty())
        return fault(
            options_.psk_key.empty() ? "psk_key" : "psk_identity", "\"\"",
            "psk_identity and psk_key are given together");
    if (options_.psk_key.empty()) return;
    const auto bytes = psk_bytes(options_.psk_key);
    if (bytes.empty() || bytes.size() > PSK_MAX_PSK_LEN)
        fault("psk_key", "(hidden)", "an even number of hexadecimal digits, at most 1024");
    if (options_.psk_identity.size() > PSK_MAX_IDENTITY_LEN)
        fault("psk_identity", shown(options_.psk_identity), "at most 256 bytes");
    note("psk_identity", options_.psk_identity);
    note("psk_key", options_.psk_key);
}

void builder::trust() {
    auto* const ctx = out_.native.get();
    if (options_.cacertfile.empty() && options_.ca_path.empty() && options_.ca_data.empty()) {
        // The system's may be many, and they are nothing to check.
        const bool needed = options_.verify == tls_verify::verify_peer && what_for_ == purpose::connect;
        if (needed) SSL_CTX_set_default_verify_paths(ctx);
        return;
    }
    if (!options_.cacertfile.empty()) {
        if (const auto pem = content_of(options_.cacertfile, "cacertfile"))
            trust_certificates(*pem, "cacertfile", shown(options_.cacertfile));
    }
    if (!options_.ca_data.empty()) {
        note("ca_data", options_.ca_data);
        trust_certificates(options_.ca_data, "ca_data", "(given)");
    }
    if (options_.ca_path.empty()) return;

    struct stat folder {};

    if (::stat(options_.ca_path.c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode))
        return fault("ca_path", shown(options_.ca_path), "a folder that can be read");
    SSL_CTX_load_verify_dir(ctx, options_.ca_path.c_str());
}

void builder::trust_certificates(const std::string& pem, const char* option, const std::string& value) {
    const auto all = certificates_in(pem);
    if (all.empty()) return fault(option, value, "at least one certificate in PEM form");
    for (const auto& one : all)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(out_.native.get()), one.get());
}

void builder::certificate() {
    if (options_.certfile.empty() && options_.cert_data.empty()) {
        if (!options_.keyfile.empty() || !options_.key_data.empty())
            fault(options_.keyfile.empty() ? "key_data" : "keyfile", "(given)", "only with a certificate");
        return;
    }
    const char* const option = options_.cert_data.empty() ? "certfile" : "cert_data";
    const auto value = options_.cert_data.empty() ? shown(options_.certfile) : "(given)";
    const auto pem = pem_of(options_.certfile, options_.cert_data, option);
    if (!pem) return;
    auto chain = certificates_in(*pem);
    if (chain.empty()) return fault(option, value, "a certificate in PEM form");
    auto* const ctx = out_.native.get();
    if (SSL_CTX_use_certificate(ctx, chain.front().get()) != 1)
        return fault(option, value, "a certificate that can be used: " + take_openssl_reason());
    has_certificate_ = true;
    for (auto one = chain.begin() + 1; one != chain.end(); ++one)
        SSL_CTX_add1_chain_cert(ctx, one->get());
}

void builder::key() {
    if (!has_certificate_) return;
    if (options_.key_password_callback && what_for_ == purpose::check) return;
    const bool in_memory =
        !options_.key_data.empty() || (options_.keyfile.empty() && options_.certfile.empty());
    const auto& data = options_.key_data.empty() ? options_.cert_data : options_.key_data;
    const auto& file = options_.keyfile.empty() ? options_.certfile : options_.keyfile;
    const char* const option = in_memory ? "key_data" : "keyfile";
    const auto value = in_memory ? "(given)" : shown(file);
    const auto pem = in_memory ? pem_of({}, data, option) : content_of(file, option);
    if (!pem) return;
    auto secret = password();
    const key_ptr key{PEM_read_bio_PrivateKey(reader_of(*pem).get(), nullptr, give_password, &secret)};
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!key) {
        const bool encrypted = pem->find("ENCRYPTED") != std::string::npos;
        return fault(
            option, value, encrypted ? "a key that key_password opens" : "a private key in PEM form");
    }
    if (SSL_CTX_use_PrivateKey(out_.native.get(), key.get()) != 1 ||
        SSL_CTX_check_private_key(out_.native.get()) != 1)
        fault(option, value, "the key that belongs to the certificate");
}

std::string builder::password() const {
    return options_.key_password_callback ? options_.key_password_callback() : options_.key_password;
}

/// Not with certificates of a folder, which OpenSSL looks up when it needs them, nor with a file to write to.
bool builder::is_made_from_what_was_read() const {
    const bool trusts_files = !options_.cacertfile.empty() || !options_.ca_data.empty();
    return trusts_files && options_.ca_path.empty() && options_.keylog_file.empty();
}

/// What else makes a difference to OpenSSL's context; the rest is said for each connection.
std::string builder::settings() const {
    const auto newest = options_.max_version ? native_version(*options_.max_version) : 0;
    std::string all;
    const auto add = [&all](const std::string& one) { all += one + '\0'; };
    add(std::to_string(native_version(options_.min_version)));
    add(std::to_string(newest));
    add(options_.ciphers);
    add(options_.ciphersuites);
    add(options_.session_resumption ? "resumption" : "");
    add(std::to_string(options_.alpn.size()));
    for (const auto& name : options_.alpn)
        add(name);
    return all;
}

int digit_of(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::string psk_bytes(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit_of(hex[i]);
        const int low = digit_of(hex[i + 1]);
        if (high < 0 || low < 0) return {};
        out += static_cast<char>(high * 16 + low);
    }
    return hex.size() % 2 == 0 ? out : std::string{};
}

tls_context make_tls_context(const tls_options& options, purpose what_for) {
    auto context = builder{options, what_for}.build();
    if (!options.keylog_file.empty()) {
        SSL_CTX_set_app_data(context.native.get(), const_cast<std::string*>(&options.keylog_file));
        SSL_CTX_set_keylog_callback(context.native.get(), log_key);
    }
    return context;
}

tls_context share_tls_context(tls_context fresh) {
    static std::mutex guard;
    static std::map<std::string, std::weak_ptr<SSL_CTX>> in_use; // bounded by the connections
    if (fresh.recipe.empty()) return fresh;
    const std::lock_guard lock{guard};
    std::erase_if(in_use, [](const auto& entry) { return entry.second.expired(); });
    auto& equal = in_use[fresh.recipe];
    if (auto known = equal.lock()) {
        fresh.native = std::move(known);
    } else {
        equal = fresh.native;
    }
    return fresh;
}

} // namespace weir::mqtt
