#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace weir::testing {

namespace {

template <auto Free>
struct deleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using x509_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

key_ptr new_key() {
    key_ptr key{EVP_EC_gen("P-256")};
    if (!key) throw std::runtime_error("no key for the test");
    return key;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    const bio_ptr out{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(out.get(), certificate);
    return text_of(out.get());
}

std::string pem_of(EVP_PKEY* key, const std::string& password) {
    const bio_ptr out{BIO_new(BIO_s_mem())};
    const auto* const cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
    PEM_write_bio_PKCS8PrivateKey(
        out.get(), key, cipher, password.data(), static_cast<int>(password.size()), nullptr, nullptr);
    return text_of(out.get());
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())};
    if (!extension) throw std::runtime_error("not an extension: " + value);
    X509_add_ext(certificate, extension.get(), -1);
}

x509_ptr new_certificate(const std::string& name, EVP_PKEY* key, int from, int until) {
    static std::atomic<long> serial{1};
    x509_ptr made{X509_new()};
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), until);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return made;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names)
        out += (out.empty() ? "" : ",") + name;
    return out;
}

} // namespace

struct certificate_authority::keys {
    key_ptr key{new_key()};
    x509_ptr certificate{};
};

certificate_authority::certificate_authority(const std::string& name)
    : keys_(std::make_unique<keys>()) {
    auto made = new_certificate(name, keys_->key.get(), -86'400, 10 * 86'400);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash");
    X509_sign(made.get(), keys_->key.get(), EVP_sha256());
    certificate_ = pem_of(made.get());
    keys_->certificate = std::move(made);
}

certificate_authority::~certificate_authority() = default;

credentials certificate_authority::issue(const certificate_request& request) const {
    const auto key = new_key();
    const auto made =
        new_certificate(request.common_name, key.get(), request.valid_from, request.valid_until);
    auto* const issuer = keys_->certificate.get();
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
    add_extension(made.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    if (!request.names.empty())
        add_extension(made.get(), issuer, NID_subject_alt_name, joined(request.names));
    X509_sign(made.get(), keys_->key.get(), EVP_sha256());
    return {pem_of(made.get()), pem_of(key.get(), request.key_password)};
}

} // namespace weir::testing
