// Every operation in every state: each has the outcome that the header promises, and none blocks.
#include "states_fixture.hpp"

#include <weir/mqtt/types/errc_name.hpp>

#include <map>

namespace weir::mqtt {
namespace {

/// Writes an outcome down; counts how often it came.
class outcome_note {
  public:
    auto completion() {
        return [this](const auto& done) { take(done.failed); };
    }

    void take(const error& failed) {
        const std::lock_guard lock{mutex_};
        ++times_;
        text_ = failed ? std::string{to_string(static_cast<errc>(failed.code.value()))} : "ok";
    }

    /// "waits" until there is one.
    [[nodiscard]] std::string text() const {
        const std::lock_guard lock{mutex_};
        return text_;
    }

    [[nodiscard]] int times() const {
        const std::lock_guard lock{mutex_};
        return times_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_{"waits"};
    int times_{0};
};

using call = std::function<void(client&, outcome_note&)>;

call publish_at(qos level) {
    return [level](client& c, outcome_note& n) { c.publish(message("t", "p", level), n.completion()); };
}

const ack_token stale{.delivery = 99, .packet_id = 9, .level = qos::at_least_once};

void with_requests(client_options& o) {
    o.response_prefix = "responses";
}

void with_raw_acks(client_options& o) {
    o.raw_acks = !o.store_from; // which exclude each other
}

void with_auth(client_options& o) {
    o.auth = scripted_authenticator::of({});
}

/// What comes of an operation, in the order of `all_states`.
struct row {
    const char* name;
    call make;
    std::array<const char*, std::size(all_states)> outcomes;
    void (*with)(client_options&) = with_requests;
};

std::vector<row> rows() {
    const call publish_0 = publish_at(qos::at_most_once);
    const call publish_1 = publish_at(qos::at_least_once);
    const call publish_2 = publish_at(qos::exactly_once);
    const call when_room = [](client& c, outcome_note& n) {
        c.publish_when_room(message("t", "p", qos::at_least_once), n.completion());
    };
    const call subscribe = [](client& c, outcome_note& n) { c.subscribe({{.filter = "f"}}, n.completion()); };
    const call unsubscribe = [](client& c, outcome_note& n) { c.unsubscribe({"f"}, n.completion()); };
    const call request = [](client& c, outcome_note& n) {
        c.request(message("q", "p"), std::chrono::minutes{1}, n.completion());
    };
    const call ping = [](client& c, outcome_note& n) { c.ping(n.completion()); };
    const call reauthenticate = [](client& c, outcome_note& n) { c.reauthenticate(n.completion()); };
    const call acknowledge = [](client& c, outcome_note& n) {
        c.acknowledge(stale, reason_code::success, {}, [&n](const error& e) { n.take(e); });
    };
    const call send_ack = [](client& c, outcome_note& n) {
        c.send_ack({.packet_id = 7}, [&n](const error& e) { n.take(e); });
    };
    const call drain = [](client& c, outcome_note& n) { c.drain(false, [&n] { n.take({}); }); };
    const char* const none = "not_connected";
    const char* const gone = "aborted";
    const char* const unproved = "auth_not_configured";
    const char* const waits = "waits";
    const char* const lost = "session_lost";
    // idle, loading, connecting, authenticating, connected, draining, waiting, stopping, gave_up, stopped
    const std::array usual{waits, waits, waits, waits, "ok", "ok", waits, waits, none, gone};
    const std::array unanswered{waits, waits, waits, waits, waits, waits, waits, waits, none, gone};
    const std::array now_or_never{none, none, none, none, "ok", "ok", none, none, none, gone};
    return {
        {"publish QoS 0", publish_0, usual},
        {"publish QoS 1", publish_1, usual},
        {"publish QoS 2", publish_2, usual},
        {"publish_when_room", when_room, usual},
        {"subscribe", subscribe, usual},
        {"unsubscribe", unsubscribe, usual},
        {"request", request, unanswered},
        {"ping", ping, now_or_never},
        {"reauthenticate", reauthenticate, now_or_never, with_auth},
        // One has a method there, which comes first.
        {"reauthenticate without a method",
         reauthenticate,
         {unproved, unproved, unproved, none, unproved, unproved, unproved, unproved, none, gone}},
        {"acknowledge", acknowledge, {lost, lost, lost, lost, lost, lost, lost, lost, lost, gone}},
        {"send_ack",
         send_ack,
         {none, "option_invalid", none, none, "ok", "ok", none, none, none, gone},
         with_raw_acks},
        {"drain", drain, {"ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
    };
}

class states : public ::testing::TestWithParam<client_state> {};

TEST_P(states, give_every_operation_its_outcome) {
    const auto column = static_cast<std::size_t>(GetParam());
    for (const auto& r : rows()) {
        SCOPED_TRACE(r.name);
        outcome_note note;
        const std::string wanted = r.outcomes[column];
        {
            client_in_state tested{GetParam(), r.with};
            r.make(*tested, note);
            tested.pass_lane();
            if (wanted != "waits") {
                const auto until = clock::now() + 10s;
                while (note.times() == 0 && clock::now() < until)
                    std::this_thread::sleep_for(1ms);
            }
            EXPECT_EQ(note.text(), wanted);
        }
        EXPECT_EQ(note.times(), 1) << "exactly one, at the latest when the client is gone";
        if (wanted == "waits") {
            EXPECT_EQ(note.text(), "aborted");
        }
    }
}

/// Calls without an outcome, which do something only where there is something to do.
TEST_P(states, take_every_call_without_an_outcome) {
    const std::map<std::string, std::function<void(client&)>> calls{
        {"demand", [](client& c) { c.demand(1); }},
        {"pause", [](client& c) { c.pause(); }},
        {"resume", [](client& c) { c.resume(); }},
        {"acknowledge",
         [](client& c) {
             const ack_outcome one{.token = stale};
             c.acknowledge({&one, 1});
         }},
        {"release", [](client& c) { c.release(7); }},
        {"what can be asked", [](client& c) {
             EXPECT_TRUE(c.subscriptions().empty());
             (void)c.timings();
             (void)c.stats();
             (void)c.io_stats();
         }}};
    client_in_state tested{GetParam(), with_requests};
    const auto before = tested.observer_.seen().order;
    for (const auto& [name, make] : calls) {
        SCOPED_TRACE(name);
        make(*tested);
        tested.pass_lane();
        EXPECT_EQ(tested.observer_.seen().order, before);
    }
}

TEST_P(states, know_what_start_means) {
    client_in_state tested{GetParam()};
    const auto before = tested.observer_.seen();
    tested->start();
    tested.pass_lane();
    switch (GetParam()) {
    case client_state::idle:
        EXPECT_TRUE(tested.observer_.wait_for([](const auto& r) { return r.ready == 1; }));
        break;
    case client_state::gave_up:
        EXPECT_TRUE(tested.observer_.wait_for([](const auto& r) { return r.given_up.size() == 2; }));
        break;
    default: EXPECT_EQ(tested.observer_.seen().order, before.order);
    }
}

TEST_P(states, drop_a_connection_only_where_there_is_one) {
    client_in_state tested{GetParam()};
    const auto before = tested.observer_.seen().order;
    tested->drop_connection();
    tested.pass_lane();
    const auto after = tested.observer_.seen().order;
    switch (GetParam()) {
    case client_state::connecting:
    case client_state::authenticating: EXPECT_EQ(after, before + "F"); break;
    case client_state::connected:
    case client_state::draining:
    case client_state::stopping: EXPECT_EQ(after, before + "D"); break;
    default: EXPECT_EQ(after, before);
    }
}

TEST_P(states, reconnect_only_where_there_is_a_connection) {
    client_in_state tested{GetParam(), [](auto& o) { o.backoff_min = o.backoff_max = 1min; }};
    const auto before = tested.observer_.seen().order;
    tested->reconnect();
    tested.pass_lane();
    if (GetParam() == client_state::connected || GetParam() == client_state::draining) {
        EXPECT_TRUE(tested.observer_.wait_for([](const auto& r) { return r.downs.size() == 1; }));
    } else {
        EXPECT_EQ(tested.observer_.seen().order, before);
    }
}

/// Whoever stops a client hears of the end, also when somebody else did before; and nothing comes after it.
TEST_P(states, end_with_stop_and_abort) {
    client_in_state tested{GetParam()};
    counter stopped;
    tested.let_store_open();
    tested->stop(reason_code::normal_disconnection, {}, [&] { ++stopped; });
    tested->abort();
    EXPECT_TRUE(stopped.wait_for(1));
    const auto order = tested.observer_.seen().order;
    tested->stop();
    tested->abort();
    tested->start();
    tested.pass_lane();
    EXPECT_EQ(tested.observer_.seen().order, order);
}

TEST_P(states, end_with_the_object_and_leave_no_operation_without_outcome) {
    constexpr int operations = 6;
    outcome_note notes[operations];
    std::stop_source cancel;
    {
        client_in_state tested{GetParam(), with_requests};
        tested->publish(message("t", "p"), notes[0].completion(), cancel.get_token());
        tested->publish(message("t", "p", qos::exactly_once), notes[1].completion());
        tested->subscribe({{.filter = "f"}}, notes[2].completion(), {}, cancel.get_token());
        tested->unsubscribe({"f"}, notes[3].completion());
        tested->request(message("q", "p"), 1min, notes[4].completion());
        tested->ping(notes[5].completion());
        tested.let_store_open();
        const auto began = clock::now();
        tested.destroy();
        EXPECT_LT(clock::now() - began, 30s) << "far less than close_timeout";
    }
    for (const auto& n : notes)
        EXPECT_EQ(n.times(), 1);
    cancel.request_stop(); // nobody is left
}

TEST_P(states, end_an_operation_that_is_canceled) {
    client_in_state tested{GetParam()};
    std::stop_source cancel;
    cancel.request_stop();
    outcome_note note;
    counter done;
    tested->publish(
        message("t", "p", qos::at_least_once),
        [&](const publish_done& d) {
            note.take(d.failed);
            ++done;
        },
        cancel.get_token());
    ASSERT_TRUE(done.wait_for(1));
    tested.pass_lane();
    EXPECT_EQ(note.times(), 1);
    EXPECT_EQ(note.text(), GetParam() == client_state::gave_up ? "not_connected" : "aborted");
}

INSTANTIATE_TEST_SUITE_P(all, states, ::testing::ValuesIn(all_states), state_name);

// A publish that waits for room ends with the client's hope, whatever that ended for.
TEST(states_of_a_store, publishes_that_wait_for_room_end_when_the_store_is_refused) {
    client_in_state tested{client_state::loading, [](auto& o) {
                               o.send_queue_policy = send_queue_policy::block;
                               o.send_queue_messages = 1;
                           }};
    outcome_note queued;
    outcome_note waiting;
    outcome_note behind;
    tested->publish_when_room(message("t", "1", qos::at_least_once), queued.completion());
    tested->publish_when_room(message("t", "2", qos::at_least_once), waiting.completion());
    tested.pass_lane();
    tested.let_store_open(error{errc::store_corrupt, "as told"});
    ASSERT_TRUE(tested.observer_.wait_for([](const auto& r) { return r.given_up.size() == 1; }));
    tested.pass_lane();
    tested->publish_when_room(message("t", "3", qos::at_least_once), behind.completion());
    tested.pass_lane();
    EXPECT_EQ(queued.text(), "aborted");
    EXPECT_EQ(waiting.text(), "aborted");
    EXPECT_EQ(behind.text(), "not_connected");
}

} // namespace
} // namespace weir::mqtt
