#include "client/fresh_credentials.hpp"

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

result<credentials> examined(credentials given, protocol_version version) {
    if (given.username && (given.username->size() > longest_string || !is_utf8_string(*given.username)))
        return refusal("the user name is not UTF-8 of at most 65535 bytes");
    if (given.password && given.password->size() > longest_string)
        return refusal("the password is longer than 65535 bytes");
    if (given.password && !given.username && version != protocol_version::v5)
        return refusal("MQTT 3.x has no password without a user name");
    return given;
}

} // namespace

result<credentials> fresh_credentials(const client_options& options) try {
    return examined(options.credentials_callback(), options.proto_ver);

} catch (const std::exception& e) {

    return refusal(std::string("the callback threw: ") + e.what());

} catch (...) {

    return refusal("the callback threw");
}

} // namespace weir::mqtt
