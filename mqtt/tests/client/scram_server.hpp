#pragma once

#include "auth/base64.hpp"

#include <weir/mqtt/testing/conversation.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <mutex>
#include <set>
#include <string>

namespace weir::mqtt {

/// The server's side of SCRAM-SHA-256, for a broker of a test. Not the client's code: it derives the same
/// numbers by itself.
class scram_server {
  public:
    explicit scram_server(std::string password)
        : password_(std::move(password)) {}

    /// Answers client-first; remembers the nonce.
    std::string challenge(const std::string& first) {
        bare_ = first.substr(3);
        const auto nonce = bare_.substr(bare_.find(",r=") + 3);
        nonces.insert(nonce);
        nonce_ = nonce + "server";
        challenge_ = "r=" + nonce_ + ",s=" + to_base64("salt") + ",i=4096";
        return challenge_;
    }

    /// Answers client-final with the signature; "" when the proof is wrong.
    std::string verdict(const std::string& final) {
        const auto cut = final.find(",p=");
        const auto said = bare_ + "," + challenge_ + "," + final.substr(0, cut);
        const auto client_key = mac(salted(), "Client Key");
        auto proof = mac(hash(client_key), said);
        for (std::size_t i = 0; i < proof.size(); ++i)
            proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
        if (final.substr(cut + 3) != to_base64(proof)) return {};
        return "v=" + to_base64(mac(mac(salted(), "Server Key"), said));
    }

    std::set<std::string> nonces;

  private:
    static std::string mac(const std::string& key, const std::string& data) {
        std::string out(32, '\0');
        HMAC(
            EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(data.data()), data.size(),
            reinterpret_cast<unsigned char*>(out.data()), nullptr);
        return out;
    }

    static std::string hash(const std::string& data) {
        std::string out(32, '\0');
        EVP_Digest(
            data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
            nullptr);
        return out;
    }

    /// PBKDF2 with one block [RFC 8018, 5.2].
    [[nodiscard]] std::string salted() const {
        auto u = mac(password_, std::string("salt") + std::string("\0\0\0\1", 4));
        auto out = u;
        for (int n = 1; n < 4096; ++n) {
            u = mac(password_, u);
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = static_cast<char>(out[i] ^ u[i]);
        }
        return out;
    }

    std::string password_;
    std::string bare_;
    std::string nonce_;
    std::string challenge_;
};

} // namespace weir::mqtt
