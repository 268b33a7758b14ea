#pragma once

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace weir::mqtt {

/// The properties of an exchange with that method.
inline properties fields(std::string_view method, std::string_view data) {
    properties p;
    p.set(property_id::authentication_method, method);
    p.set(property_id::authentication_data, data);
    return p;
}

/// Says what it is made of.
class scripted_authenticator : public authenticator {
  public:
    struct script {
        std::function<result<auth_message>()> start = [] { return auth_message{.data = "first"}; };
        std::function<result<auth_message>(const auth_message&)> step = [](const auth_message&) {
            return auth_message{.data = "answer"};
        };
        std::function<error(const auth_message&)> finish = [](const auth_message&) { return error{}; };
    };

    explicit scripted_authenticator(script s)
        : script_(std::move(s)) {}

    std::string_view method() const override { return "MINE"; }

    result<auth_message> start() override { return script_.start(); }

    result<auth_message> step(const auth_message& challenge) override { return script_.step(challenge); }

    error finish(const auth_message& last) override { return script_.finish(last); }

    static authenticator_factory of(script s) {
        return [s] { return std::make_unique<scripted_authenticator>(s); };
    }

  private:
    script script_;
};

} // namespace weir::mqtt
