// What a handler is told of a message, against the bytes of one PUBLISH.

#include "producer_fixture.hpp"

namespace weir::connector {
namespace {

using mqtt::property_id;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class fields : public producer_test {
  protected:
    fields() { options.topics = {{"other/#"}, {"plant/+", mqtt::qos::exactly_once}}; }

    /// The one message that this connection brings.
    [[nodiscard]] inbound received(const std::string& hex) {
        follow({ready().send_hex(hex)});
        start();
        static_cast<void>(intake.wait_for_messages(1));
        return intake.seen().entries.at(0).value;
    }
};

TEST_F(fields, are_those_of_the_packet_on_5_0) {
    options.shared_group = "g";
    options.idempotency_key.user_property = "k";
    const auto before = std::pair(clock::now(), std::chrono::system_clock::now());
    const auto in = received("3b 38"                      // PUBLISH, DUP, QoS 1, RETAIN
                             "00 07 70 6c 61 6e 74 2f 37" // plant/7
                             "0b 0c"                      // packet id
                             "29"                         // 41 bytes of properties
                             "01 01"                      // Payload Format Indicator
                             "02 00 00 00 3c"             // Message Expiry Interval
                             "08 00 03 72 65 73"          // Response Topic
                             "09 00 02 01 02"             // Correlation Data
                             "26 00 01 6b 00 01 76"       // User Property k: v
                             "26 00 01 6b 00 01 77"       // User Property k: w
                             "0b 07 0b c8 01"             // Subscription Identifiers
                             "03 00 01 74"                // Content Type
                             "70 61 79");
    EXPECT_EQ(in.topic(), "plant/7");
    EXPECT_EQ(in.payload().text(), "pay");
    EXPECT_EQ(in.qos(), mqtt::qos::at_least_once);
    EXPECT_TRUE(in.retain());
    EXPECT_TRUE(in.dup());
    EXPECT_EQ(in.packet_id(), 0x0B0Cu);
    mqtt::properties all;
    all.set(property_id::payload_format_indicator, 1);
    all.set(property_id::message_expiry_interval, 60);
    all.set(property_id::response_topic, "res");
    all.set(property_id::correlation_data, "\x01\x02");
    all.add_user_property("k", "v");
    all.add_user_property("k", "w");
    all.append({property_id::subscription_identifier, std::uint32_t{7}});
    all.append({property_id::subscription_identifier, std::uint32_t{200}});
    all.set(property_id::content_type, "t");
    EXPECT_EQ(in.props(), all);
    EXPECT_THAT(in.subscription_ids(), ElementsAre(7u, 200u));
    EXPECT_EQ(in.expires_at(), in.received_at() + 60s);
    EXPECT_EQ(in.idempotency_key(), "v");
    EXPECT_EQ(in.client_id(), "tester_0");
    EXPECT_EQ(in.producer_index(), 0u);
    EXPECT_EQ(in.shared_group(), "g");
    EXPECT_EQ(in.matched_filter(), "plant/+");
    EXPECT_GE(in.received_mono(), before.first);
    EXPECT_LE(in.received_mono(), clock::now());
    EXPECT_GE(in.received_at(), before.second);
    EXPECT_LE(in.received_at(), std::chrono::system_clock::now());
    EXPECT_EQ(in.attempt(), 1u);
    EXPECT_FALSE(in.redelivered());
    EXPECT_EQ(in.delivery_token(), std::nullopt) << "no packet id names a message for long";
    EXPECT_FALSE(in.receipt());
}

TEST_F(fields, are_those_of_the_packet_on_3_1_1) {
    options.config.proto_ver = mqtt::protocol_version::v4;
    const auto in = received("30 0c 00 07 70 6c 61 6e 74 2f 37 70 61 79");
    EXPECT_EQ(in.topic(), "plant/7");
    EXPECT_EQ(in.payload().text(), "pay");
    EXPECT_EQ(in.qos(), mqtt::qos::at_most_once);
    EXPECT_FALSE(in.retain());
    EXPECT_FALSE(in.dup());
    EXPECT_EQ(in.packet_id(), 0u);
    EXPECT_TRUE(in.props().empty());
    EXPECT_THAT(in.subscription_ids(), IsEmpty());
    EXPECT_EQ(in.expires_at(), std::nullopt);
    EXPECT_EQ(in.idempotency_key(), std::nullopt);
    EXPECT_EQ(in.shared_group(), "");
    EXPECT_EQ(in.matched_filter(), "plant/+");
}

} // namespace
} // namespace weir::connector
