#pragma once

#include <weir/mqtt/auth/authenticator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// SCRAM without channel binding [RFC 5802, RFC 7677]: the password never travels, and the server proves that
/// it knows it too.
enum class scram_hash : std::uint8_t { sha_256, sha_512 };

/// "SCRAM-SHA-256" or "SCRAM-SHA-512", as the Authentication Method.
[[nodiscard]] std::string_view to_string(scram_hash hash) noexcept;

/// The hash of an Authentication Method of that form.
[[nodiscard]] std::optional<scram_hash> scram_hash_named(std::string_view method) noexcept;

/// One exchange. `username` and `password` are UTF-8 and used as they are, without the normalisation of
/// SASLprep, which changes nothing in ASCII. `nonce`: printable ASCII without commas; empty = drawn from the
/// system's random source. Fewer than 4,096 iterations [RFC 7677, 4] or more than 10,000,000 are refused.
[[nodiscard]] std::unique_ptr<authenticator> make_scram(
    scram_hash hash, const std::string& username, std::string password, std::string nonce = {});

} // namespace weir::mqtt
