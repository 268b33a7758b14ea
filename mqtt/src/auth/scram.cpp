#include "auth/base64.hpp"

#include <weir/mqtt/auth/scram.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr int least_iterations = 4'096;
constexpr int most_iterations = 10'000'000;
constexpr std::string_view no_channel_binding = "n,,";

const EVP_MD* digest_of(scram_hash hash) noexcept {
    return hash == scram_hash::sha_256 ? EVP_sha256() : EVP_sha512();
}

std::string digest(const EVP_MD* md, std::string_view data) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    if (EVP_Digest(
            data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, md, nullptr) !=
        1)
        throw std::runtime_error{"the digest failed"};
    return out;
}

std::string hmac(const EVP_MD* md, std::string_view key, std::string_view data) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    const auto* made = HMAC(
        md, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
        data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    if (made == nullptr) throw std::runtime_error{"the HMAC failed"};
    return out;
}

std::string salted(const EVP_MD* md, std::string_view password, std::string_view salt, int iterations) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    const int made = PKCS5_PBKDF2_HMAC(
        password.data(), static_cast<int>(password.size()),
        reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations, md,
        static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data()));
    if (made != 1) throw std::runtime_error{"the key derivation failed"};
    return out;
}

std::string random_nonce() {
    std::array<unsigned char, 18> raw{};
    if (RAND_bytes(raw.data(), static_cast<int>(raw.size())) != 1)
        throw std::runtime_error{"there is no randomness"};
    return to_base64({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

/// "," and "=" have a meaning of their own in a message [RFC 5802, 5.1].
std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == ',') {
            out += "=2C";
        } else if (c == '=') {
            out += "=3D";
        } else {
            out += c;
        }
    }
    return out;
}

/// Cuts "<name>=<value>" off the front of `rest`, with the comma behind it.
std::optional<std::string_view> attribute(char name, std::string_view& rest) {
    if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
    const auto comma = rest.find(',');
    const auto value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    return value;
}

error failed(std::string why) {
    return {errc::auth_failed, std::move(why)};
}

class scram final : public authenticator {
  public:
    scram(scram_hash hash, const std::string& username, std::string password, std::string nonce)
        : hash_(hash)
        , password_(std::move(password))
        , nonce_(nonce.empty() ? random_nonce() : std::move(nonce))
        , first_("n=" + escaped(username) + ",r=" + nonce_) {}

    scram(const scram&) = delete;
    scram& operator=(const scram&) = delete;

    ~scram() override { OPENSSL_cleanse(password_.data(), password_.size()); }

    [[nodiscard]] std::string_view method() const override { return to_string(hash_); }

    [[nodiscard]] result<auth_message> start() override {
        return auth_message{.data = std::string(no_channel_binding) + first_};
    }

    [[nodiscard]] result<auth_message> step(const auth_message& challenge) override {
        if (!expected_.empty()) return failed("the server asks again after the proof");
        const std::string_view text = challenge.data ? *challenge.data : std::string_view{};
        std::string_view rest = text;
        const auto nonce = attribute('r', rest);
        const auto salt = nonce ? attribute('s', rest) : std::nullopt;
        const auto count = salt ? attribute('i', rest) : std::nullopt;
        if (!count) return failed("the server's first message is not r=..., s=..., i=...");
        if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size())
            return failed("the server's nonce does not continue the client's");
        const auto salt_bytes = from_base64(*salt);
        if (!salt_bytes || salt_bytes->empty()) return failed("the server's salt is not base64");
        int iterations = 0;
        const auto [end, fault] = std::from_chars(count->data(), count->data() + count->size(), iterations);
        if (fault != std::errc{} || end != count->data() + count->size())
            return failed("the server's iteration count is not a number");
        if (iterations < least_iterations || iterations > most_iterations)
            return failed(std::to_string(iterations) + " iterations, allowed: 4096..10000000");
        return prove(text, std::string(*nonce), *salt_bytes, iterations);
    }

    [[nodiscard]] error finish(const auth_message& last) override {
        if (expected_.empty()) return failed("the server is content before the client has proved anything");
        std::string_view rest = last.data ? *last.data : std::string_view{};
        if (const auto why = attribute('e', rest)) return failed("the server says: " + std::string(*why));
        const auto given = attribute('v', rest);
        const auto signature = given ? from_base64(*given) : std::nullopt;
        if (!signature) return failed("the server has given no signature");
        const bool same = signature->size() == expected_.size() &&
                          CRYPTO_memcmp(signature->data(), expected_.data(), expected_.size()) == 0;
        return same ? error{} : failed("the server's signature is wrong: it does not know the password");
    }

  private:
    auth_message prove(
        std::string_view server_first, const std::string& nonce, std::string_view salt, int iterations) {
        const auto* md = digest_of(hash_);
        auto secret = salted(md, password_, salt, iterations);
        const auto client_key = hmac(md, secret, "Client Key");
        const auto without_proof = "c=" + to_base64(no_channel_binding) + ",r=" + nonce;
        const auto said = first_ + "," + std::string(server_first) + "," + without_proof;
        auto proof = hmac(md, digest(md, client_key), said);
        for (std::size_t i = 0; i < proof.size(); ++i)
            proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
        expected_ = hmac(md, hmac(md, secret, "Server Key"), said);
        OPENSSL_cleanse(secret.data(), secret.size());
        return {.data = without_proof + ",p=" + to_base64(proof)};
    }

    scram_hash hash_;
    std::string password_;
    std::string nonce_;
    std::string first_;    ///< client-first-message-bare
    std::string expected_; ///< the server's signature, once the proof is out
};

} // namespace

std::string_view to_string(scram_hash hash) noexcept {
    return hash == scram_hash::sha_256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::optional<scram_hash> scram_hash_named(std::string_view method) noexcept {
    for (const auto hash : {scram_hash::sha_256, scram_hash::sha_512})
        if (method == to_string(hash)) return hash;
    return std::nullopt;
}

std::unique_ptr<authenticator> make_scram(
    scram_hash hash, const std::string& username, std::string password, std::string nonce) {
    return std::make_unique<scram>(hash, username, std::move(password), std::move(nonce));
}

} // namespace weir::mqtt
