#include "client/fresh_credentials.hpp"

#include "codec/strict_utf8.hpp"
#include "codec/utf8.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <exception>
#include <string>

namespace weir::mqtt {
namespace {

constexpr std::size_t longest_string = 65'535;

error refusal(const std::string& what) {
    return {errc::credentials_failed, what};
}

result<credentials> examined(credentials given, protocol_version version, bool strict) {
    if (given.username && (given.username->size() > longest_string || !is_utf8_string(*given.username)))
        return refusal("the user name is not UTF-8 of at most 65535 bytes");
    if (strict && given.username && !is_strict_utf8(*given.username))
        return refusal("the user name has control or non-characters");
    if (given.password && given.password->size() > longest_string)
        return refusal(
            "the password holds at most 65535 bytes, got " + std::to_string(given.password->size()));
    if (given.password && !given.username && version != protocol_version::v5)
        return refusal("MQTT 3.x has no password without a user name"); // [MQTT-3.1.2-22]
    return given;
}

} // namespace

result<credentials> fresh_credentials(const client_options& options, protocol_version version) try {
    return examined(options.credentials_callback(), version, options.strict_utf8);

} catch (const std::exception& e) {

    return refusal(std::string("the callback threw: ") + e.what());

} catch (...) {

    return refusal("the callback threw");
}

} // namespace weir::mqtt
