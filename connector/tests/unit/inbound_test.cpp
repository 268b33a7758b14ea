#include "record_pool.hpp"

#include <weir/connector/inbound.hpp>

#include <gmock/gmock.h>

#include <vector>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;

class inbound_test : public ::testing::Test {
  protected:
    inbound_test() {
        origin->client_id = "fleet_1";
        origin->producer_index = 1;
        origin->shared_group = "g";
        origin->filters = {"plant/+/temperature", "plant/#"};
        pool = record_pool::create(origin);
    }

    ~inbound_test() override { pool->retire(); }

    inbound received(std::string_view topic, mqtt::qos level = mqtt::qos::at_least_once) {
        auto& record = pool->take(1);
        record.received = {
            .topic = bytes::copy(topic),
            .payload = bytes::copy("21.5"),
            .qos = level,
            .retain = true,
            .dup = true,
            .packet_id = 17,
            .props = {}};
        record.received.props.set(mqtt::property_id::content_type, "text/plain");
        record.token = {.delivery = 99, .packet_id = 17, .level = level};
        record.at = time_point{} + 5s;
        record.wall = system_time_point{} + 7s;
        return inbound(&record);
    }

    std::shared_ptr<record_origin> origin{std::make_shared<record_origin>()};
    record_pool* pool;
};

TEST_F(inbound_test, shows_every_field_of_the_publish) {
    const auto in = received("plant/7/temperature");
    EXPECT_EQ(in.topic(), "plant/7/temperature");
    EXPECT_EQ(in.payload(), "21.5");
    EXPECT_EQ(in.qos(), mqtt::qos::at_least_once);
    EXPECT_TRUE(in.retain());
    EXPECT_TRUE(in.dup());
    EXPECT_EQ(in.packet_id(), 17);
    EXPECT_EQ(in.props().text(mqtt::property_id::content_type), "text/plain");
    EXPECT_EQ(in.received_mono(), time_point{} + 5s);
    EXPECT_EQ(in.received_at(), system_time_point{} + 7s);
}

TEST_F(inbound_test, hands_out_the_very_bytes_that_were_received) {
    const auto in = received("a");
    const auto& payload = in.record()->received.payload;
    EXPECT_EQ(in.payload().data(), payload.data());
    const auto kept = bytes(in.payload()); // as a handler keeps it
    EXPECT_EQ(kept.data(), payload.data());
}

TEST_F(inbound_test, shows_where_it_came_in) {
    const auto in = received("a");
    EXPECT_EQ(in.client_id(), "fleet_1");
    EXPECT_EQ(in.producer_index(), 1u);
    EXPECT_EQ(in.shared_group(), "g");
}

TEST_F(inbound_test, shows_how_often_and_for_how_long) {
    const auto in = received("a");
    EXPECT_EQ(in.attempt(), 1u);
    EXPECT_FALSE(in.redelivered());
    EXPECT_EQ(in.expires_at(), std::nullopt);
    EXPECT_THAT(in.subscription_ids(), ::testing::IsEmpty());
    auto& record = const_cast<inbound_record&>(*in.record());
    record.attempt = 3;
    record.received.props.set(mqtt::property_id::message_expiry_interval, 10);
    for (const std::uint32_t id : {7u, 268'435'455u})
        record.received.props.append({mqtt::property_id::subscription_identifier, id});
    EXPECT_EQ(in.attempt(), 3u);
    EXPECT_TRUE(in.redelivered());
    EXPECT_EQ(in.expires_at(), system_time_point{} + 17s);
    EXPECT_THAT(in.subscription_ids(), ::testing::ElementsAre(7u, 268'435'455u));
}

TEST_F(inbound_test, names_the_first_filter_that_fits) {
    EXPECT_EQ(received("plant/7/temperature").matched_filter(), "plant/+/temperature");
    EXPECT_EQ(received("plant/7/humidity").matched_filter(), "plant/#");
    EXPECT_EQ(received("elsewhere").matched_filter(), "");
}

TEST_F(inbound_test, copies_share_the_record) {
    const auto in = received("a");
    auto copy = in; // NOLINT: copying is what is tried
    EXPECT_EQ(copy.payload().data(), in.payload().data());
    auto moved = std::move(copy);
    EXPECT_EQ(copy.record(), nullptr); // NOLINT: that it is empty is what is tried
    EXPECT_EQ(moved.record(), in.record());
    moved = in;
    EXPECT_EQ(moved.topic(), "a");
}

TEST_F(inbound_test, acknowledges_while_there_is_a_producer_to_do_it) {
    std::vector<mqtt::ack_token> acknowledged;
    origin->acks.open([&](const inbound_record& r) { acknowledged.push_back(r.token); });
    const auto in = received("a");
    in.acknowledge();
    origin->acks.close();
    in.acknowledge();
    EXPECT_THAT(
        acknowledged,
        ::testing::ElementsAre(mqtt::ack_token{.delivery = 99, .packet_id = 17, .level = in.qos()}));
}

TEST_F(inbound_test, qos_0_has_nothing_to_acknowledge) {
    origin->acks.open([](const inbound_record&) { FAIL(); });
    received("a", mqtt::qos::at_most_once).acknowledge();
}

} // namespace
} // namespace weir::connector
