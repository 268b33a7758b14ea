// What a scrape says after a script whose every count is known.

#include "support/eventually.hpp"
#include "support/http_get.hpp"

#include <weir/metrics/exposition.hpp>
#include <weir/metrics/server.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>
#include <weir/weir.hpp>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace weir::metrics {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using weir::testing::eventually;
using weir::testing::http_get;

/// Values by name and labels.
std::map<std::string, double> values_in(const std::string& text) {
    std::map<std::string, double> values;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("weir_"))
            values[line.substr(0, line.rfind(' '))] = std::stod(line.substr(line.rfind(' ') + 1));
    return values;
}

mqtt::publish message(std::string_view topic, std::string_view payload, std::uint16_t id, bool dup = false) {
    return {
        .topic = bytes::copy(topic),
        .payload = bytes::copy(payload),
        .qos = id == 0 ? mqtt::qos::at_most_once : mqtt::qos::at_least_once,
        .dup = dup,
        .packet_id = id};
}

struct picky {
    std::atomic<bool>* hold;

    void handle_message(weir::message<weir::bytes>& m) {
        if (m.data.text() == "bad") return m.fail("as told");
        while (m.data.text() == "slow" && *hold)
            std::this_thread::sleep_for(1ms);
    }
};

class scrape : public ::testing::Test {
  protected:
    ~scrape() override { hold_ = false; }

    [[nodiscard]] connector::running start(std::uint16_t port) {
        weir::options o;
        o.name = "known";
        o.producer.topics = {{"a", mqtt::qos::at_least_once}, {"b/+", mqtt::qos::at_most_once}};
        o.producer.max_inflight = 5;
        o.producer.on_failure = connector::on_failure::ack;
        o.producer.config.host = "127.0.0.1";
        o.producer.config.port = port;
        o.producer.config.clientid = "scraped";
        o.producer.config.backoff_min = 10ms;
        o.producer.config.backoff_max = 20ms;
        o.processors.concurrency = 2;
        return weir::start(picky{&hold_}, o);
    }

    std::atomic<bool> hold_{true};
};

TEST_F(scrape, tells_exactly_what_happened) {
    std::atomic<bool> slow_is_in{false};
    std::optional<connector::running> running;
    scripted_broker broker(
        {conversation{}
             .accept()
             .grant_subscribe()
             .send(message("a", "good", 1))
             .send(message("a", "bad", 2))
             .send(message("b/1", "bad", 0))
             .expect(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 1})
             .expect(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 2})
             .send(message("a", "slow", 3))
             .wait_until("slow", [&] { return slow_is_in.load(); })
             .close(),
         conversation{}
             .accept({.session_present = true})
             .send(message("a", "slow", 3, true))
             .expect(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 3})
             .expect(mqtt::disconnect{})});
    running.emplace(start(broker.port()));
    server http("127.0.0.1:0");
    http.add(running->reader());
    ASSERT_TRUE(eventually([&] { return running->stats().received == 4; }));
    slow_is_in = true;
    ASSERT_TRUE(eventually([&] {
        const auto s = running->stats();
        return s.duplicates == 1 && s.failed == 2 && s.acked == 2 && s.connected == 1;
    }));
    const auto answer = http_get(http.port(), "/metrics");
    EXPECT_THAT(answer, AllOf(HasSubstr("200 OK"), HasSubstr("text/plain")));
    EXPECT_THAT(answer, HasSubstr("# TYPE weir_messages_received_total counter"));
    EXPECT_THAT(answer, HasSubstr("# HELP weir_connected "));
    auto values = values_in(answer);
    EXPECT_GT(values.at(R"(weir_oldest_unfinished_seconds{pipeline="known",producer="0"})"), -1);
    values.erase(R"(weir_oldest_unfinished_seconds{pipeline="known",producer="0"})");
    std::map<std::string, double> expected;
    const std::string whose = R"({pipeline="known",producer="0")";
    const auto expect = [&](const std::string& name, double value, const std::string& more = {}) {
        expected[name + whose + more + '}'] = value;
    };
    expect("weir_messages_received_total", 4);
    expect("weir_messages_delivered_total", 4);
    expect("weir_messages_succeeded_total", 1);
    expect("weir_messages_failed_total", 2);
    expect("weir_messages_acknowledged_total", 2);
    expect("weir_messages_acknowledged_failed_total", 2); // what that means at QoS 0
    expect("weir_messages_rejected_total", 0);
    expect("weir_messages_retried_total", 0);
    expect("weir_messages_dead_lettered_total", 0);
    expect("weir_messages_held_total", 0);
    expect("weir_messages_duplicate_total", 1);
    expect("weir_messages_copies_total", 0);
    expect("weir_acks_stale_total", 0);
    expect("weir_reconnects_total", 1);
    expect("weir_connected", 1);
    expect("weir_window_size", 5);
    expect("weir_window_used", 1);
    expect("weir_unacknowledged", 1);
    expect("weir_acks_held", 0);
    expect("weir_messages_deferred", 0);
    expect("weir_qos0_waiting", 0);
    expect("weir_store_records", 0);
    expect("weir_store_bytes", 0);
    for (const auto* why :
         {"qos0_buffer_full", "draining", "packet_too_large", "payload_format", "expired", "unmatched",
          "decoder"})
        expect("weir_messages_dropped_total", 0, std::string(",reason=\"") + why + '"');
    expect("weir_messages_dropped_total", 1, R"(,reason="failed")");
    expect("weir_qos0_dropped_total", 0, R"(,filter="a")");
    expect("weir_qos0_dropped_total", 1, R"(,filter="b/+")");
    EXPECT_EQ(values, expected);
    hold_ = false;
    ASSERT_TRUE(eventually([&] { return running->stats().acked == 3; }));
    running->stop();
    EXPECT_EQ(broker.finish(), "");
    const auto after = values_in(http_get(http.port(), "/metrics"));
    EXPECT_THAT(after, ::testing::Contains(Pair("weir_connected" + whose + '}', 0)));
    EXPECT_THAT(after, ::testing::Contains(Pair("weir_unacknowledged" + whose + '}', 0)));
    running.reset();
    EXPECT_THAT(values_in(http_get(http.port(), "/metrics")), IsEmpty());
}

TEST_F(scrape, is_offered_as_text_too) {
    scripted_broker broker({conversation{}.accept().grant_subscribe().expect(mqtt::disconnect{})});
    auto running = start(broker.port());
    ASSERT_TRUE(running.wait_until_ready(10s));
    const auto reader = running.reader();
    EXPECT_THAT(exposition({&reader, 1}), HasSubstr("weir_connected{pipeline=\"known\",producer=\"0\"} 1\n"));
    running.stop();
    EXPECT_THAT(http_get(server("127.0.0.1:0").port(), "/other"), Not(HasSubstr("200 OK")));
}

} // namespace
} // namespace weir::metrics
