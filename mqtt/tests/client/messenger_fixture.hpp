#pragma once

#include "client_fixture.hpp"

#include <weir/mqtt/messenger.hpp>

#include <exception>

namespace weir::mqtt {

/// A coroutine of a type that knows nothing of this library: begins at once, frees itself at its end.
struct foreign {
    struct promise_type {
        foreign get_return_object() noexcept { return {}; }

        std::suspend_never initial_suspend() noexcept { return {}; }

        std::suspend_never final_suspend() noexcept { return {}; }

        void return_void() noexcept {}

        void unhandled_exception() noexcept { std::terminate(); }
    };
};

/// A messenger on a lane of its own, and who listens to it.
class messenger_test : public ::testing::Test {
  protected:
    messenger& make(client_options o) {
        messenger_ = std::make_unique<messenger>(std::move(o), &observer_);
        return *messenger_;
    }

    messenger& connect(client_options o) {
        auto& m = make(std::move(o));
        const auto up = m.connect().get(10s);
        EXPECT_TRUE(up.has_value()) << up.error().message();
        return m;
    }

    /// Takes messages from the first moment on.
    messenger& listen(client_options o) {
        EXPECT_FALSE(make(std::move(o)).try_receive());
        const auto up = messenger_->connect().get(10s);
        EXPECT_TRUE(up.has_value()) << up.error().message();
        return *messenger_;
    }

    /// With deferred acknowledgement, and a session that the server keeps.
    static client_options deferring(std::uint16_t port, protocol_version version = protocol_version::v5) {
        auto o = quick_options(port, version);
        o.auto_ack = false;
        o.clean_start = false;
        if (version == protocol_version::v5) o.session_expiry = 60;
        return o;
    }

    incoming next() {
        auto one = messenger_->receive().get(10s);
        if (!one) throw std::runtime_error{one.error().message()};
        return std::move(*one);
    }

    static ack puback(std::uint16_t id) { return {.type = ack_type::puback, .packet_id = id}; }

    static ack pubrec(std::uint16_t id) { return {.type = ack_type::pubrec, .packet_id = id}; }

    static publish again(publish p) {
        p.dup = true;
        return p;
    }

    /// Waits until the client has counted `most` of the drops of a kind.
    bool told(dropped::what kind, std::size_t times = 1) {
        return observer_.wait_for([&](const auto& r) {
            std::size_t seen = 0;
            for (const auto& e : r.events)
                if (const auto* d = std::get_if<dropped>(&e); d != nullptr && d->kind == kind)
                    seen += d->count;
            return seen >= times;
        });
    }

    recording_observer observer_;
    std::unique_ptr<messenger> messenger_;
};

class messenger_version_test : public messenger_test,
                               public ::testing::WithParamInterface<protocol_version> {};

} // namespace weir::mqtt
