// Members of a shared group that come and go while messages flow.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

class changing_group : public ::testing::Test {
  protected:
    void SetUp() override { WEIR_NEEDS_MOSQUITTO(); }

    [[nodiscard]] connector::running member(const mosquitto& broker, std::string id) {
        auto o = consumer_options(
            broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once, std::move(id));
        o.producer.shared_group = "g";
        o.producer.max_inflight = 20;
        o.producer.on_stop = connector::on_stop::end_session;
        auto running = weir::start(
            function_handler{[this](weir::message<weir::bytes>& m) {
                std::this_thread::sleep_for(1ms);
                handled_.add(number_in(m.data));
            }},
            o);
        EXPECT_TRUE(running.wait_until_ready(10s));
        return running;
    }

    tally handled_;
};

TEST_F(changing_group, strands_nothing_when_members_end_their_sessions) {
    constexpr std::size_t count = 3'000;
    mosquitto broker;
    auto stays = member(broker, "stays");
    publisher source(broker.port());
    std::size_t sent = 0;
    const auto publish = [&](std::size_t more) {
        source.publish("numbers/a", sent, more, weir::qos::at_least_once);
        sent += more;
    };
    for (int round = 0; round < 3; ++round) {
        publish(250);
        auto comes = member(broker, "comes-" + std::to_string(round));
        auto goes = member(broker, "goes-" + std::to_string(round));
        publish(500);
        ASSERT_TRUE(eventually([&] { return comes.stats().acked > 20 && goes.stats().acked > 20; }));
        goes.stop();
        publish(250);
        comes.stop();
    }
    ASSERT_EQ(sent, count);
    ASSERT_TRUE(source.wait());
    EXPECT_TRUE(eventually([&] { return handled_.size() == count; })) << handled_.size();
    EXPECT_THAT(handled_.missing(0, count), IsEmpty());
    EXPECT_TRUE(eventually([&] { return stays.stats().unacknowledged == 0; }));
    stays.stop();
}

} // namespace
} // namespace weir::testing
