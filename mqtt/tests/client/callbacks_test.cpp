// Every call from inside every callback. Worth most under the thread sanitizer.
#include "states_fixture.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace weir::mqtt {
namespace {

class watcher;

/// A completion of any kind, under a name.
struct teller {
    watcher* to;
    std::string_view name;

    template <class... Outcome>
    void operator()(const Outcome&...) const;
};

/// Hears all that a client says: never two things at a time, nothing inside a call of its owner, nothing
/// after its end. Where it is told to, it makes one call.
class watcher final : public client_observer {
  public:
    watcher(std::string_view where, std::function<void(watcher&)> call)
        : where_(where)
        , call_(std::move(call)) {}

    void on_connected(const connected&, const std::string&, duration) override { enter("on_connected"); }

    void on_warning(const std::string&) override { enter("on_warning"); }

    void on_ready() override {
        enter("on_ready");
        ++ready;
    }

    void on_down(const connection_down&) override { enter("on_down"); }

    void on_attempt_failed(const connection_down&) override { enter("on_attempt_failed"); }

    void on_messages(std::span<message_received> messages) override {
        token_ = messages.front().token;
        enter("on_messages");
    }

    void on_event(const event&) override { enter("on_event"); }

    void on_gave_up(const error&) override { enter("on_gave_up"); }

    void on_callback_error(const std::string& what) noexcept override {
        EXPECT_EQ(what, "as told");
        enter("on_callback_error");
    }

    /// The completion of the call that is made.
    teller outcome() { return {this, "the outcome"}; }

    void enter(std::string_view name) noexcept {
        EXPECT_NE(std::this_thread::get_id(), owner_) << name << " inside a call of the owner";
        EXPECT_FALSE(inside_.exchange(true)) << name << " inside or beside another callback";
        EXPECT_FALSE(ended_) << name << " after the end";
        if (name == "the outcome") ++outcomes;
        if (name == where_ && !std::exchange(made_, true)) {
            call_(*this);
            ++called;
        }
        inside_ = false;
    }

    /// Of the last message, or of none that the client knows.
    [[nodiscard]] ack_token token() const { return token_; }

    void end() { ended_ = true; }

    counter ready;
    counter called;
    counter outcomes;

  private:
    const std::string_view where_;
    const std::function<void(watcher&)> call_;
    const std::thread::id owner_{std::this_thread::get_id()};
    std::atomic<bool> inside_{false};
    std::atomic<bool> ended_{false};
    bool made_{false}; // on the lane, as the token
    ack_token token_{.delivery = 99, .packet_id = 9, .level = qos::at_least_once};
};

template <class... Outcome>
void teller::operator()(const Outcome&...) const {
    to->enter(name);
}

struct operation_row {
    const char* name;
    bool has_outcome;
    std::function<void(client&, const teller&)> call;
};

outgoing one() {
    return message("other", "p", qos::at_least_once);
}

const std::vector<operation_row>& operations() {
    static const std::vector<operation_row> all{
        {"publish QoS 0", true, [](auto& c, const teller& done) { c.publish(message("x", "p"), done); }},
        {"publish QoS 1", true, [](auto& c, const teller& done) { c.publish(one(), done); }},
        {"publish_when_room", true, [](auto& c, const teller& done) { c.publish_when_room(one(), done); }},
        {"subscribe", true, [](auto& c, const teller& done) { c.subscribe({{.filter = "y"}}, done); }},
        {"unsubscribe", true, [](auto& c, const teller& done) { c.unsubscribe({"z"}, done); }},
        {"request", true, [](auto& c, const teller& done) { c.request(message("q", "p"), 20ms, done); }},
        {"ping", true, [](auto& c, const teller& done) { c.ping(done); }},
        {"reauthenticate", true, [](auto& c, const teller& done) { c.reauthenticate(done); }},
        {"acknowledge", true,
         [](auto& c, const teller& done) {
             c.acknowledge(done.to->token(), reason_code::success, {}, done);
         }},
        {"acknowledge many", false,
         [](auto& c, const teller& done) {
             const ack_outcome twice[]{{.token = done.to->token()}, {.token = done.to->token()}};
             c.acknowledge(twice);
         }},
        {"release", false, [](auto& c, const teller&) { c.release(7); }},
        {"send_ack", true, [](auto& c, const teller& done) { c.send_ack({.packet_id = 7}, done); }},
        {"demand", false, [](auto& c, const teller&) { c.demand(1); }},
        {"pause", false, [](auto& c, const teller&) { c.pause(); }},
        {"resume", false, [](auto& c, const teller&) { c.resume(); }},
        {"drain", true, [](auto& c, const teller& done) { c.drain(false, done); }},
        {"start", false, [](auto& c, const teller&) { c.start(); }},
        {"reconnect", false, [](auto& c, const teller&) { c.reconnect(); }},
        {"drop_connection", false, [](auto& c, const teller&) { c.drop_connection(); }},
        {"stop", false, [](auto& c, const teller&) { c.stop(); }},
        {"stop without waiting", true,
         [](auto& c, const teller& done) { c.stop(reason_code::normal_disconnection, {}, done); }},
        {"leave", true,
         [](auto& c, const teller& done) { c.leave(reason_code::normal_disconnection, {}, done); }},
        {"abort", false, [](auto& c, const teller&) { c.abort(); }},
        {"what can be asked", false,
         [](auto& c, const teller&) {
             (void)c.stats();
             (void)c.io_stats();
             (void)c.subscriptions();
             (void)c.timings();
             (void)c.status();
         }},
    };
    return all;
}

/// A callback, and what makes the client call it.
struct place {
    const char* name;
    std::function<void(client_options&)> prepare{};
    /// Once the subscriptions stand; nothing where it comes by itself.
    std::function<void(client&, watcher&, accepting_broker&)> bring_about{};
    bool outcomes_come{true}; ///< else at the latest with the end
};

void nobody_there(client_options& o) {
    o.port = accepting_broker{}.port();
}

void lose_the_session(client&, watcher&, accepting_broker& broker) {
    broker.forget_sessions();
    broker.drop_connections();
}

void receive_one(client& c, watcher&, accepting_broker&) {
    c.subscribe({{.filter = "t", .qos = qos::at_least_once}}, [&c](const auto&) {
        c.publish(message("t", "p", qos::at_least_once));
    });
}

void with_store(client_options& o) {
    o.store_from = [] {
        std::promise<error> well;
        well.set_value({});
        return std::make_unique<slow_store>(well.get_future().share());
    };
}

std::vector<place> own_places() {
    return {
        {"on_connected"},
        {"on_ready"},
        {"on_warning",
         [](auto& o) {
             o.proto_ver = protocol_version::v3;
             o.clientid = std::string(24, 'c'); // longer than 3.1 has them
         }},
        {"on_attempt_failed", nobody_there, {}, false},
        {"on_gave_up",
         [](auto& o) {
             nobody_there(o);
             o.reconnect = 0;
         }},
        {"on_down", {}, [](auto& c, auto&, auto&) { c.drop_connection(); }},
        {"on_event",
         [](auto& o) {
             o.clean_start = false;
             o.session_expiry = 60;
         },
         lose_the_session},
        {"on_messages", {}, receive_one},
        {"on_callback_error",
         {},
         [](auto& c, auto&, auto&) { c.ping([](const auto&) { throw std::runtime_error{"as told"}; }); }},
    };
}

std::vector<place> all_places() {
    auto list = own_places();
    for (const auto& o : operations())
        if (o.has_outcome)
            list.push_back({o.name, {}, [&o](auto& c, auto& w, auto&) { o.call(c, teller{&w, o.name}); }});
    list.push_back({"stored", with_store, [](auto& c, auto& w, auto&) {
                        c.publish(one(), {}, {}, teller{&w, "stored"});
                    }});
    return list;
}

void make(const operation_row& o, const place& p) {
    accepting_broker broker;
    io_lane lane{"test-io"};
    client* target = nullptr;
    watcher watching{p.name, [&](watcher& w) { o.call(*target, w.outcome()); }};
    auto options = quick_options(broker.port());
    options.response_prefix = "responses";
    if (p.prepare) p.prepare(options);
    {
        client c{lane, options, watching};
        target = &c;
        c.start();
        c.demand(endless);
        if (p.bring_about) {
            ASSERT_TRUE(watching.ready.wait_for(1));
            p.bring_about(c, watching, broker);
        }
        ASSERT_TRUE(watching.called.wait_for(1)) << "it was not called";
        if (o.has_outcome && p.outcomes_come) {
            EXPECT_TRUE(watching.outcomes.wait_for(1));
        }
        c.stop();
        watching.end();
    }
    EXPECT_EQ(watching.outcomes, o.has_outcome ? 1 : 0);
}

class callbacks : public ::testing::TestWithParam<place> {};

TEST_P(callbacks, may_make_every_call) {
    for (const auto& o : operations()) {
        SCOPED_TRACE(o.name);
        make(o, GetParam());
    }
}

INSTANTIATE_TEST_SUITE_P(all, callbacks, ::testing::ValuesIn(all_places()), [](const auto& given) {
    std::string name = given.param.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
});

} // namespace
} // namespace weir::mqtt
