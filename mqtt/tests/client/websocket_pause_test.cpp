// A server that pings its clients hears from one that reads nothing, as long as there is room for what lies
// before the pings.
#include "client_fixture.hpp"
#include "fronts/tls_front.hpp"
#include "fronts/websocket_front.hpp"
#include "support/certificates.hpp"
#include "support/eventually.hpp"

#include <optional>
#include <thread>

namespace weir::mqtt {
namespace {

using fronts::tls_front;
using fronts::websocket_front;
using weir::testing::certificate_authority;
using weir::testing::eventually;

constexpr std::size_t payload_size = 1'000;

/// A client that has stopped reading, behind a WebSocket that may be a secure one.
class paused_websocket : public client_test, public ::testing::WithParamInterface<bool> {
  protected:
    paused_websocket() {
        if (GetParam())
            tls_.emplace(front_.port(), tls_front::settings{.own = ca_.issue({.names = {"DNS:localhost"}})});
    }

    [[nodiscard]] client_options options() const {
        auto o = quick_options(front_.port());
        o.websocket = true;
        o.qos0_buffer_messages = 1;
        o.qos0_buffer_policy = qos0_buffer_policy::pause_reading;
        o.tcp_opts.receive_buffer = 16u << 10;
        if (!GetParam()) return o;
        o.port = 0;
        o.websocket = false;
        o.host = "wss://localhost:" + std::to_string(tls_->port()) + "/mqtt";
        o.ssl_opts.ca_data = ca_.certificate();
        return o;
    }

    void stop_reading(client_options o) {
        ASSERT_TRUE(connects(std::move(o)));
        counter granted;
        client_->subscribe({{.filter = "a"}}, [&](const subscribe_done&) { ++granted; });
        ASSERT_TRUE(granted.wait_for(1));
        client_->pause();
        push(2); // the second finds the queue full, should the first still have been handed out
        ASSERT_TRUE(eventually([&] { return client_->stats().reading_stopped != 0; }));
    }

    void push(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_TRUE(broker_.push(publish_packet("a", text_of(pushed_++))));
    }

    static std::string text_of(std::size_t number) {
        return std::to_string(number) + std::string(payload_size, '.');
    }

    /// Whatever has come meanwhile is there, in its order, and nothing else.
    void expect_all_after_resuming() {
        client_->resume();
        ASSERT_TRUE(observer_.wait_for([&](const auto& r) { return r.messages.size() >= pushed_; }));
        const auto all = observer_.seen().messages;
        ASSERT_EQ(all.size(), pushed_);
        for (std::size_t i = 0; i < pushed_; ++i)
            ASSERT_EQ(all[i].received.payload, text_of(i));
    }

    /// As the client counts at its next turn, which a call brings about.
    [[nodiscard]] std::size_t bytes_read() {
        client_->demand(1);
        return client_->io_stats().bytes_read;
    }

    accepting_broker broker_;
    websocket_front front_{broker_.port()};
    certificate_authority ca_;
    std::optional<tls_front> tls_;
    std::size_t pushed_{0};
};

TEST_P(paused_websocket, answers_pings) {
    stop_reading(options());
    front_.ping();
    EXPECT_TRUE(front_.was_answered(1));
    expect_all_after_resuming();
}

TEST_P(paused_websocket, answers_pings_behind_messages_that_have_room) {
    stop_reading(options());
    for (std::size_t i = 1; i <= 10; ++i) {
        push(1);
        front_.ping();
        ASSERT_TRUE(front_.was_answered(i));
    }
    expect_all_after_resuming();
    front_.ping();
    EXPECT_TRUE(front_.was_answered(11));
}

TEST_P(paused_websocket, answers_pings_with_low_mem) {
    auto o = options();
    o.low_mem = true;
    stop_reading(o);
    push(2);
    front_.ping();
    EXPECT_TRUE(front_.was_answered(1));
    push(20); // more than it holds
    expect_all_after_resuming();
    front_.ping();
    EXPECT_TRUE(front_.was_answered(2));
}

TEST_P(paused_websocket, reads_no_more_than_its_bound) {
    constexpr std::size_t bound = 1u << 20; // what each layer may hold, with room to spare
    stop_reading(options());
    std::thread flood{[&] { push(8'000); }};
    EXPECT_TRUE(eventually([&] { return bytes_read() > (48u << 10); })) << "it reads ahead";
    EXPECT_FALSE(eventually([&] { return bytes_read() > bound; }, 300ms));
    client_->resume();
    flood.join();
    expect_all_after_resuming();
    front_.ping();
    EXPECT_TRUE(front_.was_answered(1));
}

TEST_P(paused_websocket, is_told_of_the_end_after_what_came_before) {
    stop_reading(options());
    const auto before = bytes_read();
    push(5);
    ASSERT_TRUE(eventually([&] { return bytes_read() > before + 5 * payload_size; }));
    broker_.drop_connections();
    ASSERT_EQ(front_.endings(1).size(), 1u) << "the close frame is answered";
    EXPECT_TRUE(observer_.seen().downs.empty());
    expect_all_after_resuming();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.downs.size() == 1; }));
    EXPECT_EQ(observer_.seen().downs[0].reason.code, errc::peer_closed);
}

INSTANTIATE_TEST_SUITE_P(over, paused_websocket, ::testing::Bool(), [](const auto& secure) {
    return std::string{secure.param ? "tls" : "tcp"};
});

} // namespace
} // namespace weir::mqtt
