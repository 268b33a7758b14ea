#include "../support/decode.hpp"
#include "../support/generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

/// Laws that hold for all packets: what is written is read back, however the stream is cut.
namespace weir::mqtt {
namespace {

peer any_peer() {
    return *rc::gen::element(peer::client, peer::server);
}

std::vector<packet> any_packets(peer sender, protocol_version version) {
    return *rc::gen::container<std::vector<packet>>(test::any_packet(sender, version));
}

std::string encode_all(const std::vector<packet>& packets, protocol_version version) {
    output_buffer out;
    for (const packet& p : packets)
        encode(p, version, out);
    return test::content(out);
}

/// Feeds `data` in pieces of random length, each in a block of its own, draining after each or only now and
/// then.
test::decoded decode_in_pieces(const std::string& data, decoder::settings s) {
    decoder d{s};
    test::decoded got;
    for (std::size_t at = 0; at < data.size() && !got.failed;) {
        const auto size = std::min<std::size_t>(*rc::gen::inRange<std::size_t>(1, 9), data.size() - at);
        d.feed(bytes::copy(std::string_view(data).substr(at, size)));
        at += size;
        if (*rc::gen::arbitrary<bool>() || at == data.size()) test::drain(d, got);
    }
    return got;
}

RC_GTEST_PROP(round_trip, what_is_encoded_is_decoded, ()) {
    const auto sender = any_peer();
    const auto version = *test::any_version();
    const auto sent = *test::any_packet(sender, version);
    const auto got = test::decode(test::encoded(sent, version), {.sender = sender, .version = version});
    if (got.failed) RC_FAIL(got.failed->text);
    RC_ASSERT(got.packets.size() == 1u);
    RC_ASSERT(got.packets[0] == sent);
}

RC_GTEST_PROP(round_trip, the_size_is_known_beforehand, ()) {
    const auto version = *test::any_version();
    const auto sent = *test::any_packet(any_peer(), version);
    RC_ASSERT(encoded_size(sent, version) == test::encoded(sent, version).size());
}

RC_GTEST_PROP(round_trip, any_split_of_the_stream_gives_the_same_packets, ()) {
    const auto sender = any_peer();
    const auto version = *test::any_version();
    const auto sent = any_packets(sender, version);
    const auto got = decode_in_pieces(encode_all(sent, version), {.sender = sender, .version = version});
    if (got.failed) RC_FAIL(got.failed->text);
    RC_ASSERT(got.packets == sent);
}

RC_GTEST_PROP(round_trip, any_split_of_a_damaged_stream_gives_the_same_packets_and_fault, ()) {
    const auto sender = any_peer();
    const auto version = *test::any_version();
    auto data = encode_all(any_packets(sender, version), version);
    RC_PRE(!data.empty());
    data[*rc::gen::inRange<std::size_t>(0, data.size())] = *rc::gen::arbitrary<char>();
    const decoder::settings s{.sender = sender, .version = version, .maximum_packet_size = 1'000};
    const auto whole = test::decode(data, s);
    const auto pieces = decode_in_pieces(data, s);
    RC_ASSERT(pieces.packets == whole.packets);
    RC_ASSERT(pieces.failed.has_value() == whole.failed.has_value());
    if (whole.failed) RC_ASSERT(pieces.failed->code == whole.failed->code);
}

RC_GTEST_PROP(round_trip, a_packet_without_its_last_byte_is_waited_for, ()) {
    const auto sender = any_peer();
    const auto version = *test::any_version();
    const auto data = test::encoded(*test::any_packet(sender, version), version);
    const auto got = test::decode(data.substr(0, data.size() - 1), {.sender = sender, .version = version});
    RC_ASSERT(!got.failed);
    RC_ASSERT(got.packets.empty());
}

TEST(decoder_stream, a_client_s_version_is_learned_from_connect) {
    decoder d{test::from_client(protocol_version::v5)};
    test::decoded got;
    const auto data =
        test::encoded(connect{.version = protocol_version::v4}, protocol_version::v4) +
        test::encoded(publish{.topic = bytes::copy(std::string_view("t"))}, protocol_version::v4);
    d.feed(bytes::copy(data));
    test::drain(d, got);
    ASSERT_FALSE(got.failed) << got.failed->text;
    EXPECT_EQ(got.packets.size(), 2u);
}

TEST(decoder_stream, a_partial_packet_does_not_survive_reset) {
    decoder d{test::from_server(protocol_version::v4)};
    d.feed(bytes::copy(test::raw("30 20 0001 't' 'half'")));
    packet p;
    EXPECT_EQ(d.next(p), decoder::outcome::need_more);
    d.reset(test::from_server(protocol_version::v4));
    EXPECT_EQ(d.buffered(), 0u);
    d.feed(bytes::copy(test::raw("20 02 00 00")));
    EXPECT_EQ(d.next(p), decoder::outcome::ready);
    EXPECT_TRUE(std::holds_alternative<connack>(p));
}

TEST(decoder_stream, topic_and_payload_are_slices_of_the_block_that_was_fed) {
    const auto chunk = bytes::copy(test::raw("30 0A 0003 'a/b' 'hello'"));
    decoder d{test::from_server(protocol_version::v4)};
    d.feed(chunk);
    packet p;
    ASSERT_EQ(d.next(p), decoder::outcome::ready);
    EXPECT_EQ(std::get<publish>(p).topic.data(), chunk.data() + 4);
    EXPECT_EQ(std::get<publish>(p).payload.data(), chunk.data() + 7);
    EXPECT_EQ(d.bytes_moved(), 0u);
}

TEST(decoder_stream, only_the_packet_across_two_blocks_is_moved) {
    const auto one = test::encoded(
        publish{.topic = bytes::copy(std::string_view("t")), .payload = bytes::copy(std::string(94, 'x'))},
        protocol_version::v4);
    std::string data;
    for (int i = 0; i < 20; ++i)
        data += one;
    decoder d{test::from_server(protocol_version::v4)};
    d.feed(bytes::copy(data.substr(0, 1'000)));
    d.feed(bytes::copy(data.substr(1'000)));
    test::decoded got;
    test::drain(d, got);
    EXPECT_EQ(got.packets.size(), 20u);
    EXPECT_EQ(d.bytes_moved(), one.size());
}

} // namespace
} // namespace weir::mqtt
