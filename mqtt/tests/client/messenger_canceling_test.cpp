// Where a stop ends only the waiting: what becomes of the answer that comes all the same.
#include "messenger_fixture.hpp"
#include "request_script.hpp"
#include "scripted_authenticator.hpp"
#include "support/eventually.hpp"

#include <atomic>

namespace weir::mqtt {
namespace {

using weir::testing::eventually;

/// What a test and its script wait for of each other.
struct milestones {
    std::atomic<bool> sent{false};
    std::atomic<bool> canceled{false};

    void script_until_canceled(conversation& c) {
        c.run("tell", [this](auto&) { sent = true; }).wait_until("the stop", [this] {
            return canceled.load();
        });
    }
};

class messenger_canceling : public messenger_test {
  protected:
    /// Stops `one` when the server has seen it, and lets the script go on after `meanwhile`.
    template <class Operation, class Check>
    void cancel(Operation& one, std::stop_source& stop, Check meanwhile) {
        ASSERT_TRUE(eventually([&] { return at_.sent.load(); }));
        stop.request_stop();
        EXPECT_EQ(one.get(10s).error(), error{errc::aborted});
        meanwhile();
        at_.canceled = true;
    }

    /// The outcome of `ask()` as soon as it is another than `refused`, which comes at once.
    template <class Ask>
    static auto outcome_after(errc refused, Ask ask) {
        auto answer = ask();
        EXPECT_TRUE(eventually([&] {
            if (!answer.has_error() || answer.error() != error{refused}) return true;
            answer = ask();
            return false;
        }));
        return answer;
    }

    milestones at_;
};

TEST_F(messenger_canceling, a_request_whose_response_comes_late_is_forgotten) {
    publish first;
    publish second;
    auto script = conversation{}.accept().grant_subscribe().run(
        "first request", [&](testing::broker_connection& c) { take_request(c, first); });
    at_.script_until_canceled(script);
    script
        .run(
            "its response",
            [&](testing::broker_connection& c) {
                auto late = response_to(first, "late");
                late.qos = qos::at_least_once;
                late.packet_id = 9;
                c.send(late);
            })
        .expect_a<ack>("PUBACK", [](const ack& a) { return a.packet_id == 9; })
        .run("second request", [&](testing::broker_connection& c) {
            take_request(c, second);
            c.send(response_to(second, "in time"));
            c.send(publish_packet("t", "a message"));
        });
    test_broker broker{{script}};
    auto o = deferring(broker.port());
    o.response_prefix = "answers";
    o.max_requests = 1;
    auto& m = connect(o);
    std::stop_source stop;
    auto one = m.request(message("ask", "1"), 30s, stop.get_token());
    const auto ask_again = [&] { return m.request(message("ask", "2"), 30s).get(30s); };
    cancel(one, stop, [&] { EXPECT_EQ(ask_again().error(), error{errc::queue_full}); });
    const auto answer = outcome_after(errc::queue_full, ask_again); // until the response has freed its place
    ASSERT_TRUE(answer.has_value()) << answer.error().message();
    EXPECT_EQ(answer->received.payload, "in time");
    EXPECT_EQ(next().payload(), "a message");
    EXPECT_FALSE(m.try_receive());
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(messenger_canceling, a_ping_leaves_its_answer_to_nobody) {
    auto script = conversation{}.accept().expect(pingreq{});
    at_.script_until_canceled(script);
    script.send(pingresp{}).send(publish_packet("t", "after it")).expect(pingreq{}).send(pingresp{});
    test_broker broker{{script}};
    auto& m = listen(quick_options(broker.port()));
    std::stop_source stop;
    auto one = m.ping(stop.get_token());
    cancel(one, stop, [] {});
    EXPECT_EQ(next().payload(), "after it");
    EXPECT_TRUE(m.ping().get(10s).has_value()) << "with an answer of its own";
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(messenger_canceling, a_new_proof_goes_on_to_its_end) {
    const auto begun = auth{reason_code::reauthenticate, fields("MINE", "first")};
    const auto proven = auth{reason_code::success, fields("MINE", "")};
    auto script = conversation{}
                      .expect_a<mqtt::connect>("CONNECT")
                      .send(connack{false, 0, fields("MINE", "")})
                      .expect(begun);
    at_.script_until_canceled(script);
    script.send(auth{reason_code::continue_authentication, fields("MINE", "c")})
        .expect(auth{reason_code::continue_authentication, fields("MINE", "answer")})
        .send(proven)
        .send(publish_packet("t", "after it"))
        .expect(begun)
        .send(proven);
    test_broker broker{{script}};
    auto o = quick_options(broker.port());
    o.auth = scripted_authenticator::of({});
    auto& m = listen(o);
    std::stop_source stop;
    auto one = m.reauthenticate(stop.get_token());
    const auto prove_again = [&] { return m.reauthenticate().get(10s); };
    cancel(one, stop, [&] { EXPECT_EQ(prove_again().error(), error{errc::busy}); });
    EXPECT_EQ(next().payload(), "after it");
    const auto again = outcome_after(errc::busy, prove_again);
    EXPECT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(broker.finish(), "");
}

} // namespace
} // namespace weir::mqtt
