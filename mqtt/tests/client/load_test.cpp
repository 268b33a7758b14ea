// What messages cost a client, and what a flood of them does to the rest. Over streams in memory, so that
// counts are exact. A program of its own, since it replaces operator new.
#include "client_fixture.hpp"
#include "support/counting_new.hpp"
#include "support/memory_stream.hpp"
#include "support/sanitized.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/messenger.hpp>

#include <algorithm>

namespace weir::mqtt {
namespace {

constexpr std::size_t in_a_chunk = 3'000;

/// That many messages as one read brings them, with ids from 1 on.
bytes chunk_of(qos level, std::size_t count, std::size_t payload) {
    output_buffer out;
    for (std::size_t i = 1; i <= count; ++i)
        encode(
            packet{publish_packet(
                "a/b", std::string(payload, 'x'), level,
                level == qos::at_most_once ? std::uint16_t{0} : static_cast<std::uint16_t>(i))},
            protocol_version::v5, out);
    std::string text;
    for (const auto& part : out.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return bytes::copy(text);
}

/// Sends the same chunk again and again.
class flooding_peer final : public memory_peer {
  public:
    flooding_peer(bytes chunk, std::size_t times)
        : chunk_(std::move(chunk))
        , times_(times) {}

    void took(const output_buffer& written) override {
        if (on_write) on_write(written);
    }

    [[nodiscard]] bytes next() override {
        if (!std::exchange(answered_, true)) return memory_connack(true);
        if (times_ == 0) return {};
        --times_;
        return chunk_;
    }

    [[nodiscard]] bool holds(const bytes& slice) const {
        return slice.data() >= chunk_.data() && slice.data() + slice.size() <= chunk_.data() + chunk_.size();
    }

    std::function<void(const output_buffer&)> on_write;

  private:
    const bytes chunk_;
    std::size_t times_;
    bool answered_{false};
};

client_options flooded(std::shared_ptr<memory_peer> peer) {
    auto o = quick_options(1883);
    o.receive_maximum = 65'535;
    o.qos0_buffer_policy = qos0_buffer_policy::pause_reading;
    o.byte_stream = [peer](io_lane& lane) { return std::make_unique<memory_stream>(lane, peer); };
    return o;
}

/// Counts what it gets, and from where on in memory.
class counting_observer final : public client_observer {
  public:
    counting_observer(const flooding_peer& from, std::size_t warm_up, std::size_t all)
        : from_(from)
        , warm_up_(warm_up)
        , all_(all) {}

    void on_messages(std::span<message_received> messages) override {
        for (const auto& m : messages)
            count(m.received.payload);
    }

    void count(const bytes& payload) {
        if (!from_.holds(payload)) ++copied;
        if (++seen_ == warm_up_) before_ = test::memory().allocations;
        if (seen_ != all_) return;
        allocations = test::memory().allocations - before_;
        ++over;
    }

    std::size_t copied{0};
    std::uint64_t allocations{0};
    counter over;

  private:
    const flooding_peer& from_;
    const std::size_t warm_up_;
    const std::size_t all_;
    std::size_t seen_{0};
    std::uint64_t before_{0};
};

constexpr std::size_t counted = weir::testing::is_sanitized ? 50'000 : 1'000'000; // slow there
constexpr std::size_t chunks = counted / in_a_chunk + 2;
constexpr std::size_t messages = chunks * in_a_chunk;
constexpr std::size_t warm_up = messages - counted;

class costs : public ::testing::TestWithParam<qos> {};

INSTANTIATE_TEST_SUITE_P(qos, costs, ::testing::Values(qos::at_most_once, qos::at_least_once));

// A million messages, received and acknowledged: queues take and give back memory now and then, and that is
// all.
TEST_P(costs, of_a_message_are_no_allocation_and_no_copy) {
    const auto peer = std::make_shared<flooding_peer>(chunk_of(GetParam(), in_a_chunk, 8), chunks);
    counting_observer observer{*peer, warm_up, messages};
    io_lane lane;
    client c{lane, flooded(peer), observer};
    c.demand(endless);
    c.start();
    ASSERT_TRUE(observer.over.wait_for(1, 4min));
    EXPECT_EQ(observer.copied, 0u);
    EXPECT_LE(observer.allocations, counted / 50);
    c.stop();
    const auto s = c.stats();
    EXPECT_EQ(s.messages_delivered, messages);
    if (GetParam() == qos::at_most_once) return;
    EXPECT_EQ(s.acks_sent, messages);
    EXPECT_LE(c.io_stats().writes, s.packets_sent / 10) << "acks that are ready share a write";
}

TEST_P(costs, of_a_message_with_its_acknowledgement_are_one_allocation) {
    constexpr std::size_t some = 50'000;
    const auto peer = std::make_shared<flooding_peer>(chunk_of(GetParam(), in_a_chunk, 8), 17);
    counting_observer observer{*peer, 1'000, some + 1'000};
    auto o = flooded(peer);
    o.read_ahead_bytes = 1; // the ids of a chunk are free before the next one
    messenger m{std::move(o)};
    m.receive_each([&](incoming& one) {
        observer.count(one.payload());
        (void)one.ack();
    });
    ASSERT_TRUE(m.connect().get());
    ASSERT_TRUE(observer.over.wait_for(1, 2min));
    EXPECT_EQ(observer.copied, 0u);
    EXPECT_LE(observer.allocations, some);
}

// Publishes that are ready at the same time share a write, too.
TEST(costs, of_publishes_are_a_tenth_of_a_write) {
    constexpr int count = 10'000;
    const auto peer = std::make_shared<silent_peer>();
    recording_observer observer;
    io_lane lane;
    client c{lane, flooded(peer), observer};
    c.start();
    ASSERT_TRUE(observer.wait_for([](const auto& r) { return r.ready == 1; }));
    counter done;
    lane.post([&] { // all of them before the client has its next turn
        for (int i = 0; i < count; ++i)
            c.publish(message("a/b", "small"), [&](const publish_done&) { ++done; });
    });
    ASSERT_TRUE(done.wait_for(count));
    EXPECT_LE(c.io_stats().writes, static_cast<std::uint64_t>(count / 10));
}

struct set_by_hand final : time_source {
    time_point now() const noexcept override {
        return time_point{std::chrono::hours{1}} + duration{at.load()};
    }

    system_time_point system_now() const noexcept override { return {}; }

    void move(duration by) { at += by.count(); }

    std::atomic<duration::rep> at{0};
};

/// Every message takes its handler a quarter of a millisecond, so that one read is as good as a second.
class busy_observer final : public client_observer {
  public:
    explicit busy_observer(set_by_hand& time)
        : time_(time) {}

    void on_messages(std::span<message_received> list) override {
        for (std::size_t i = 0; i < list.size(); ++i)
            time_.move(250us);
        largest = std::max(largest, list.size());
        seen += list.size();
        if (seen == wanted) ++over;
    }

    std::size_t wanted{0};
    std::size_t seen{0};
    std::size_t largest{0};
    counter over;

  private:
    set_by_hand& time_;
};

class floods : public ::testing::TestWithParam<qos> {
  protected:
    /// How long the client wrote nothing, and nothing that holds `first`, at most.
    duration longest_silence(qos level, char first) {
        set_by_hand time;
        constexpr std::size_t reads = 20;
        const auto peer = std::make_shared<flooding_peer>(chunk_of(level, in_a_chunk, 8), reads);
        time_point last = time.now();
        duration longest{};
        peer->on_write = [&](const output_buffer& out) {
            for (const auto& part : out.segments())
                if (std::find(part.begin(), part.end(), std::byte(first)) != part.end()) {
                    longest = std::max(longest, time.now() - last);
                    last = time.now();
                    return;
                }
        };
        busy_observer observer{time};
        observer.wanted = reads * in_a_chunk;
        io_lane lane;
        auto o = flooded(peer);
        o.keepalive = 1s;
        client c{lane, std::move(o), observer, time};
        c.demand(endless); // before the first chunk: its ids are free again when the second comes
        c.start();
        EXPECT_TRUE(observer.over.wait_for(1));
        c.stop();
        EXPECT_LE(observer.largest, 256u);
        EXPECT_GT(time.now() - time_point{std::chrono::hours{1}}, 14s);
        return longest;
    }
};

TEST_F(floods, delay_pings_by_no_more_than_a_tenth_of_a_second) {
    EXPECT_LE(longest_silence(qos::at_most_once, '\xC0'), 1'100ms);
}

TEST_F(floods, delay_acks_by_no_more_than_a_tenth_of_a_second) {
    EXPECT_LE(longest_silence(qos::at_least_once, '\x40'), 100ms);
}

} // namespace
} // namespace weir::mqtt
