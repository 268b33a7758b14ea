#pragma once

#include "client_fixture.hpp"
#include "scripted_authenticator.hpp"

#include <weir/mqtt/store/session_store.hpp>

#include <future>

namespace weir::mqtt {

/// Every state a client can be in.
enum class client_state : std::uint8_t {
    idle,           ///< not started
    loading,        ///< waits for its store
    connecting,     ///< waits for CONNACK
    authenticating, ///< has answered the server's challenge and waits for CONNACK
    connected,
    draining, ///< connected, and asked for nothing new
    waiting,  ///< for the next attempt
    stopping, ///< has said DISCONNECT and waits for the server to close
    gave_up,
    stopped
};

inline constexpr client_state all_states[]{
    client_state::idle,      client_state::loading,  client_state::connecting, client_state::authenticating,
    client_state::connected, client_state::draining, client_state::waiting,    client_state::stopping,
    client_state::gave_up,   client_state::stopped};

inline std::string state_name(const ::testing::TestParamInfo<client_state>& info) {
    constexpr const char* names[]{"idle",     "loading", "connecting", "authenticating", "connected",
                                  "draining", "waiting", "stopping",   "gave_up",        "stopped"};
    return names[static_cast<std::size_t>(info.param)];
}

/// A store whose `open` takes until it is told to go on, and fails then when `why` says so.
class slow_store final : public session_store {
  public:
    explicit slow_store(std::shared_future<error> why)
        : why_(std::move(why)) {}

    result<store_content> open() override {
        if (auto failed = why_.get()) return failed;
        return store_content{};
    }

    result<store_usage> write(std::span<const store_change>) override { return store_usage{}; }

    void close() noexcept override {}

  private:
    std::shared_future<error> why_;
};

/// A client in a state, with what it needs around it.
class client_in_state {
  public:
    /// `with` may change the options before the client is made.
    explicit client_in_state(client_state wanted, const std::function<void(client_options&)>& with = {})
        : broker_(scripts(wanted)) {
        auto o = quick_options(broker_.port());
        o.close_timeout = std::chrono::minutes{1};
        o.backoff_min = o.backoff_max = std::chrono::minutes{1};
        if (wanted == client_state::waiting || wanted == client_state::gave_up)
            o.port = accepting_broker{}.port(); // nobody listens there any more
        if (wanted == client_state::gave_up) o.reconnect = 0;
        if (wanted == client_state::loading) {
            store_told_ = false;
            o.store_from = [why = opened_.get_future().share()] { return std::make_unique<slow_store>(why); };
        }
        if (wanted == client_state::authenticating) o.auth = scripted_authenticator::of({});
        if (with) with(o);
        client_ = std::make_unique<client>(lane_, o, observer_);
        reach(wanted);
    }

    client_in_state(const client_in_state&) = delete;
    client_in_state& operator=(const client_in_state&) = delete;

    ~client_in_state() {
        destroy();
        go_on_.set_value();
    }

    [[nodiscard]] client& operator*() noexcept { return *client_; }

    [[nodiscard]] client* operator->() noexcept { return client_.get(); }

    /// Nothing of the store is waited for any longer.
    void let_store_open(error why = {}) {
        if (!std::exchange(store_told_, true)) opened_.set_value(std::move(why));
    }

    /// Waits until the lane has done all that was asked for before. The call it makes is answered in every
    /// state.
    void pass_lane() {
        counter passed;
        client_->acknowledge(ack_token{}, reason_code::success, {}, [&](const error&) { ++passed; });
        EXPECT_TRUE(passed.wait_for(1));
    }

    void destroy() {
        // Before the store lets it connect; an end that waits for the store would wait for ever.
        if (!store_told_ && client_) client_->stop(reason_code::normal_disconnection, {}, [] {});
        let_store_open();
        client_.reset();
    }

    recording_observer observer_;

  private:
    std::vector<conversation> scripts(client_state wanted) {
        const auto until_told = [this](auto&) { go_on_.get_future().wait(); };
        if (wanted == client_state::connecting)
            return {conversation{}.expect_a<connect>("CONNECT").run("keep CONNACK back", until_told)};
        if (wanted == client_state::authenticating)
            return {conversation{}
                        .expect_a<connect>("CONNECT")
                        .send(auth{reason_code::continue_authentication, fields("MINE", "challenge")})
                        .expect(auth{reason_code::continue_authentication, fields("MINE", "answer")})
                        .run("note it", [this](auto&) { ++answered_; })
                        .run("keep CONNACK back", until_told)};
        if (wanted == client_state::stopping)
            return {conversation{}
                        .run("accept", accept)
                        .expect_a<disconnect>("DISCONNECT")
                        .run("stay", until_told)};
        conversation obliging;
        obliging.run("accept", accept).run("answer everything", [](testing::broker_connection& c) {
            while (auto got = c.next(clock::now() + std::chrono::minutes{1}))
                answer(c, got->packet);
        });
        return {obliging};
    }

    /// With the method of authentication, where it was asked for one [MQTT-4.12.0-5].
    static void accept(testing::broker_connection& to) {
        const auto got = to.next(clock::now() + std::chrono::seconds{10});
        const auto* asked = got ? std::get_if<connect>(&got->packet) : nullptr;
        if (asked == nullptr) throw testing::script_failure{"no CONNECT"};
        connack welcome;
        if (const auto method = asked->props.text(property_id::authentication_method))
            welcome.props = fields(*method, "");
        to.send(welcome);
    }

    static void answer(testing::broker_connection& to, const packet& got) {
        if (const auto* p = std::get_if<publish>(&got); p != nullptr && p->qos != qos::at_most_once)
            to.send(
                ack{.type = p->qos == qos::at_least_once ? ack_type::puback : ack_type::pubrec,
                    .packet_id = p->packet_id});
        if (const auto* a = std::get_if<ack>(&got); a != nullptr && a->type == ack_type::pubrel)
            to.send(ack{.type = ack_type::pubcomp, .packet_id = a->packet_id});
        if (const auto* s = std::get_if<subscribe>(&got))
            to.send(suback{
                .packet_id = s->packet_id, .codes = {s->subscriptions.size(), reason_code::granted_qos_0}});
        if (const auto* u = std::get_if<unsubscribe>(&got))
            to.send(unsuback{.packet_id = u->packet_id, .codes = {u->filters.size(), reason_code::success}});
        if (std::holds_alternative<pingreq>(got)) to.send(pingresp{});
        if (std::holds_alternative<auth>(got)) to.send(auth{reason_code::success, fields("MINE", "")});
    }

    void reach(client_state wanted) {
        const auto seen = [this](const auto& holds) { EXPECT_TRUE(observer_.wait_for(holds)); };
        if (wanted == client_state::idle) return;
        client_->start();
        switch (wanted) {
        case client_state::connecting: return wait_for_connect();
        case client_state::authenticating: EXPECT_TRUE(answered_.wait_for(1)); return pass_lane();
        case client_state::waiting: return seen([](const auto& r) { return r.failures.size() == 1; });
        case client_state::gave_up: return seen([](const auto& r) { return r.given_up.size() == 1; });
        case client_state::idle:
        case client_state::loading: return pass_lane();
        default: seen([](const auto& r) { return r.ready == 1; });
        }
        if (wanted == client_state::draining) client_->drain(false);
        if (wanted == client_state::stopped) client_->stop();
        if (wanted == client_state::stopping) client_->stop(reason_code::normal_disconnection, {}, [] {});
        pass_lane();
    }

    void wait_for_connect() {
        const auto until = clock::now() + std::chrono::seconds{10};
        while (broker_.connections() == 0 && clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        pass_lane();
    }

    io_lane lane_{"test-io"};
    std::promise<error> opened_;
    bool store_told_{true}; ///< there is none, or it may open
    std::promise<void> go_on_;
    counter answered_; ///< challenges
    test_broker broker_;
    std::unique_ptr<client> client_;
};

} // namespace weir::mqtt
