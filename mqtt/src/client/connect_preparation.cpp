#include "client/connect_preparation.hpp"

#include "client/fresh_credentials.hpp"

#include <weir/mqtt/auth/scram.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <exception>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

bool authenticates(const client_options& o) {
    return o.auth || !o.auth_method.empty();
}

result<credentials> who(const client_options& o, protocol_version version) {
    if (o.credentials_callback) return fresh_credentials(o, version);
    return credentials{o.username, o.password};
}

/// Whatever the application calls it, to the client it is this.
error as_auth_failure(const error& e) {
    return e.code == errc::auth_failed ? e : error{errc::auth_failed, e.message()};
}

std::shared_ptr<authenticator> make_exchange(const client_options& o, const credentials& c) {
    if (o.auth) return o.auth();
    return make_scram(*scram_hash_named(o.auth_method), c.username.value_or(""), c.password.value_or(""));
}

/// Runs code of the application.
template <class Outcome, class Call>
Outcome shielded(Call&& call) noexcept {
    try {
        return call();
    } catch (const std::exception& e) {
        return {error{make_error_code(errc::auth_failed), e.what()}, {}};
    } catch (...) {
        return {error{make_error_code(errc::auth_failed), "an exception that is no std::exception"}, {}};
    }
}

beginning start(const client_options& o, const credentials& c) {
    auto exchange = make_exchange(o, c);
    if (!exchange) return {error{errc::auth_failed, "there is no authenticator"}, nullptr};
    if (exchange->method().empty())
        return {error{errc::auth_failed, "the authenticator's method is empty"}, nullptr};
    auto first = exchange->start();
    return {std::move(first), std::move(exchange)};
}

/// A will that was meant for the version of the options, where an older one is in use.
std::string strip_v5(std::optional<will>& last, const client_options& o, protocol_version version) {
    const bool older = o.proto_ver == protocol_version::v5 && version != protocol_version::v5;
    if (!older || !last || last->props.empty()) return {};
    last->props.clear();
    return "the properties of the will from will_from have no effect on " + std::string(to_string(version));
}

preparation prepare(const client_options& o, protocol_version version) {
    connect_extras extras;
    std::string warning;
    auto c = who(o, version);
    if (!c) return {.extras = c.error()};
    if (o.will_from) {
        extras.will = o.will_from();
        warning = strip_v5(*extras.will, o, version);
    }
    if (!authenticates(o)) {
        if (o.credentials_callback) extras.credentials = *std::move(c);
        return {std::move(extras), nullptr, std::move(warning)};
    }
    auto begun = start(o, *c);
    if (!begun.first) return {.extras = as_auth_failure(begun.first.error())};
    extras.auth_method = begun.exchange->method();
    extras.auth = *std::move(begun.first);
    if (!o.auth) c->password.reset(); // it is proved, not sent
    extras.credentials = *std::move(c);
    return {std::move(extras), std::move(begun.exchange), std::move(warning)};
}

} // namespace

bool needs_preparation(const client_options& o) {
    return authenticates(o) || o.credentials_callback || o.will_from;
}

preparation prepare_connect(const client_options& options, protocol_version version) noexcept {
    return shielded<preparation>([&] { return prepare(options, version); });
}

beginning begin_exchange(const client_options& options) noexcept {
    return shielded<beginning>([&]() -> beginning {
        const auto c = who(options, protocol_version::v5); // which alone can authenticate anew
        if (!c) return {c.error(), nullptr};
        return start(options, *c);
    });
}

} // namespace weir::mqtt
