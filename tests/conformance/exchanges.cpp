#include "exchanges.hpp"

#include <weir/mqtt/auth/scram.hpp>
#include <weir/mqtt/testing/hex.hpp>

#include <algorithm>
#include <memory>

namespace weir::conformance {
namespace {

using mqtt::auth_message;
using mqtt::testing::from_hex;

class written_exchange final : public mqtt::authenticator {
  public:
    explicit written_exchange(json script)
        : script_(std::move(script))
        , method_(script_.at("method")) {}

    [[nodiscard]] std::string_view method() const override { return method_; }

    [[nodiscard]] result<auth_message> start() override {
        if (refuses("start")) return not_content();
        auth_message first;
        if (script_.contains("start")) first.data = from_hex(script_["start"].get<std::string>());
        return first;
    }

    [[nodiscard]] result<auth_message> step(const auth_message&) override {
        if (refuses("step")) return not_content();
        return auth_message{.data = from_hex(script_.at("answers").at(step_++).get<std::string>())};
    }

    [[nodiscard]] error finish(const auth_message&) override {
        return refuses("finish") ? not_content() : error{};
    }

  private:
    [[nodiscard]] bool refuses(const char* step) const { return script_.value("refuses", "") == step; }

    static error not_content() {
        return {std::make_error_code(std::errc::permission_denied), "the case is not content"};
    }

    json script_;
    std::string method_;
    std::size_t step_{0};
};

/// Calls `make` with one entry of `list` after the other. The client asks one at a time.
template <class Make>
mqtt::authenticator_factory one_after_the_other(const json& list, Make make) {
    return [list, make, next = std::make_shared<std::size_t>(0)]() {
        const auto at = std::min((*next)++, list.size() - 1);
        return make(list.at(at));
    };
}

} // namespace

mqtt::authenticator_factory exchanges_of(const json& list) {
    return one_after_the_other(
        list, [](const json& script) { return std::make_unique<written_exchange>(script); });
}

mqtt::authenticator_factory scram_of(const json& given) {
    const auto hash = mqtt::scram_hash_named(given.at("method").get<std::string>()).value();
    return one_after_the_other(given.at("nonces"), [given, hash](const json& nonce) {
        return mqtt::make_scram(hash, given.at("username"), given.at("password"), nonce);
    });
}

} // namespace weir::conformance
