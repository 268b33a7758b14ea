// How to test a decoder, a handler and the pipeline around them, without a broker and without waiting.

#include "sensors.hpp"

#include <weir/testing.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

using namespace std::chrono_literals;
using weir::pipeline::outcome;
using weir::testing::make_inbound;

namespace {

class memory_store final : public store {
  public:
    void insert(const std::vector<reading>& readings) override {
        if (broken) throw std::runtime_error("disk full");
        batches.push_back(readings);
    }

    bool broken = false;
    std::vector<std::vector<reading>> batches;
};

weir::inbound measured(const char* celsius) {
    return make_inbound({.topic = "plant/boiler", .payload = celsius});
}

} // namespace

// A decoder is a function of a received message.
TEST(decode_reading, takes_the_sensor_from_the_topic) {
    const auto r = decode_reading(measured("21.5"));
    ASSERT_TRUE(r);
    EXPECT_EQ(r->sensor, "boiler");
    EXPECT_EQ(r->celsius, 21.5);
}

TEST(decode_reading, says_what_it_cannot_read) {
    EXPECT_EQ(decode_reading(measured("warm")).error().detail, "\"warm\" is not a number");
}

// The pipeline with the program's own options, on one thread and on a clock that the test moves: half a
// second of batch timeout takes no time, and every run takes the same course.
class sensors_pipeline : public ::testing::Test {
  protected:
    memory_store db;
    std::shared_ptr<weir::testing::test_producer> broker = std::make_shared<weir::testing::test_producer>();

    weir::testing::virtual_pipeline start() {
        const auto o = sensor_options();
        return weir::testing::virtual_pipeline::start<weir::inbound>(
            {.name = o.name, .processors = o.processors, .batchers = o.batchers}, {broker}, sensors{&db},
            &decode_reading);
    }
};

TEST_F(sensors_pipeline, stores_what_has_come_within_half_a_second) {
    auto p = start();
    broker->emit({measured("20"), measured("21")});
    p.advance(499ms);
    EXPECT_TRUE(db.batches.empty());
    p.advance(1ms);
    ASSERT_EQ(db.batches.size(), 1u);
    EXPECT_EQ(db.batches[0].size(), 2u);
    EXPECT_EQ(broker->count(outcome::successful), 2u) << "these are acknowledged to the broker";
}

TEST_F(sensors_pipeline, an_alarm_does_not_wait) {
    auto p = start();
    const auto reports = weir::testing::test_batch(*p, std::vector{measured("20"), measured("99")}).value();
    p.run();
    EXPECT_EQ(reports.count(outcome::successful), 2u);
}

TEST_F(sensors_pipeline, nonsense_fails_alone) {
    auto p = start();
    const auto reports =
        weir::testing::test_batch(*p, std::vector{measured("20"), measured("-300"), measured("warm")})
            .value();
    p.advance(1s);
    EXPECT_EQ(reports.count(outcome::successful), 1u);
    EXPECT_EQ(reports.count(outcome::failed), 2u);
}

TEST_F(sensors_pipeline, a_broken_store_fails_the_batch) {
    auto p = start();
    db.broken = true;
    const auto reports = weir::testing::test_message(*p, measured("20")).value();
    p.run();
    ASSERT_EQ(reports.covered(), 1u);
    EXPECT_EQ(reports.endings()[0].reason, "disk full");
}

// The same against the program as it runs, with threads and looking for its broker: a test message goes past
// the broker, and its report is waited for.
TEST_F(sensors_pipeline, runs_with_threads) {
    auto o = sensor_options();
    o.producer.config.host = "127.0.0.1";
    o.producer.config.port = 1; // nobody is there
    auto running = weir::start(sensors{&db}, &decode_reading, o);
    const auto reports = weir::testing::test_message(running, measured("20")).value();
    EXPECT_EQ(reports.wait_all(10s).size(), 1u);
    EXPECT_EQ(reports.count(outcome::successful), 1u);
    EXPECT_TRUE(running.stop(5s).drained);
}
