#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {

/// A certificate and its key, in PEM form.
struct credentials {
    std::string certificate{};
    std::string key{};
};

/// What a certificate shall say.
struct certificate_request {
    std::string common_name{"broker"};
    std::vector<std::string> names{}; ///< "DNS:localhost", "IP:127.0.0.1"
    int valid_from{-3'600};           ///< seconds from now
    int valid_until{86'400};          ///< seconds from now
    std::string key_password{};       ///< encrypts the key
};

/// A certificate authority that exists for one test.
class certificate_authority {
  public:
    explicit certificate_authority(const std::string& name = "Test CA");
    certificate_authority(const certificate_authority&) = delete;
    certificate_authority& operator=(const certificate_authority&) = delete;
    ~certificate_authority();

    /// Its own certificate, to be trusted or not.
    [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }

    [[nodiscard]] credentials issue(const certificate_request& request) const;

  private:
    struct keys;
    std::unique_ptr<keys> keys_;
    std::string certificate_;
};

} // namespace weir::testing
