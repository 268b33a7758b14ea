// A full send queue, with the policy to block.
#include "messenger_fixture.hpp"

#include <future>
#include <thread>
#include <vector>

namespace weir::mqtt {
namespace {

class messenger_room : public messenger_test {
  protected:
    /// Holds the first publish until `go`, then takes and acknowledges as many.
    conversation slow_server(std::size_t messages) {
        return conversation{}.accept().run("hold the first publish", [this, messages](auto& b) {
            for (std::size_t taken = 0; taken < messages; ++taken) {
                const auto p = b.next(clock::now() + 10s);
                if (!p) throw testing::script_failure{"too few publishes"};
                if (taken == 0) go.get_future().wait_for(20s);
                const auto& one = std::get<publish>(p->packet);
                got.emplace_back(one.payload.text());
                b.send(ack{.packet_id = one.packet_id});
            }
        });
    }

    client_options narrow(const test_broker& b) const {
        auto o = quick_options(b.port());
        o.max_inflight = 1;
        o.send_queue_messages = 2;
        o.send_queue_policy = send_queue_policy::block;
        return o;
    }

    operation<publish_done> say(std::string_view payload, std::stop_token cancel = {}) {
        return messenger_->publish(message("t", payload, qos::at_least_once), std::move(cancel));
    }

    /// One in flight, two in the queue, and `waiting` without room.
    bool filled(std::size_t waiting) {
        return settled([&](const session_stats& s) {
            return s.outbound_inflight == 1 && s.send_queue == 2 && s.waiting_for_room == waiting;
        });
    }

    bool settled(const std::function<bool(const session_stats&)>& holds) {
        const auto until = clock::now() + 10s;
        while (!holds(messenger_->client().stats()) && clock::now() < until)
            std::this_thread::sleep_for(1ms);
        return holds(messenger_->client().stats());
    }

    std::promise<void> go;
    std::vector<std::string> got;
};

TEST_F(messenger_room, publishes_wait_for_room_and_leave_in_order) {
    test_broker broker{{slow_server(5)}};
    connect(narrow(broker));
    std::vector<operation<publish_done>> all;
    all.push_back(say("1"));
    ASSERT_TRUE(settled([](const session_stats& s) { return s.outbound_inflight == 1; }));
    for (const auto* payload : {"2", "3", "4", "5"})
        all.push_back(say(payload));
    ASSERT_TRUE(filled(2));
    EXPECT_EQ(say("as many wait as the queue holds").get(10s).error(), error{errc::queue_full});
    std::promise<error> refused;
    messenger_->client().publish(message("t", "by callback", qos::at_least_once), [&](const publish_done& d) {
        refused.set_value(d.failed);
    });
    EXPECT_EQ(refused.get_future().get(), error{errc::queue_full}) << "nobody waits there";
    EXPECT_TRUE(settled([](const session_stats& now) {
        return now.dropped_by_reason[static_cast<std::size_t>(dropped::what::send_queue_full)] == 2;
    }));
    go.set_value();
    for (auto& one : all)
        EXPECT_TRUE(one.get(10s).has_value());
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(got, (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

TEST_F(messenger_room, waiting_ends_at_the_deadline_or_with_a_stop) {
    test_broker broker{{slow_server(4)}};
    connect(narrow(broker));
    std::vector<operation<publish_done>> all;
    for (const auto* payload : {"1", "2", "3"})
        all.push_back(say(payload));
    ASSERT_TRUE(filled(0));
    auto late = message("t", "late", qos::at_least_once);
    late.deadline = 20ms;
    EXPECT_EQ(messenger_->publish(late).get(10s).error(), error{errc::expired});
    std::stop_source stop;
    auto canceled = say("canceled", stop.get_token());
    auto kept = say("4");
    ASSERT_TRUE(filled(2));
    stop.request_stop();
    EXPECT_EQ(canceled.get(10s).error(), error{errc::aborted});
    go.set_value();
    EXPECT_TRUE(kept.get(10s).has_value());
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(got, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_F(messenger_room, waiting_ends_with_the_client) {
    test_broker broker{{conversation{}.accept().expect_a<publish>("PUBLISH")}};
    connect(narrow(broker));
    std::vector<operation<publish_done>> all;
    for (const auto* payload : {"1", "2", "3", "4"})
        all.push_back(say(payload));
    ASSERT_TRUE(filled(1));
    EXPECT_TRUE(messenger_->disconnect().get(10s));
    for (auto& one : all)
        EXPECT_EQ(one.get(10s).error(), error{errc::aborted});
}

TEST_F(messenger_room, a_message_that_never_fits_does_not_wait) {
    test_broker broker{{conversation{}.accept()}};
    auto o = narrow(broker);
    o.send_queue_bytes = 10;
    connect(o);
    EXPECT_EQ(say("more than ten bytes").get(10s).error(), error{errc::queue_full});
}

TEST_F(messenger_room, many_threads_publish_through_a_narrow_queue) {
    accepting_broker broker;
    auto o = quick_options(broker.port());
    o.max_inflight = 2;
    o.send_queue_messages = 8;
    o.send_queue_policy = send_queue_policy::block;
    auto& m = connect(o);
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                if (m.publish("t", "x", qos::at_least_once).get(30s)) ++done;
        });
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(done, 800);
    EXPECT_EQ(broker.stats().publishes, 800u);
}

} // namespace
} // namespace weir::mqtt
