// What a pipeline does on the wire, and what of the wire reaches its handlers, with a broker that follows a
// script.

#include "support/consumer.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;

mqtt::publish numbered(std::uint16_t number, std::size_t size) {
    auto text = std::to_string(number);
    text.resize(size, ' ');
    return {
        .topic = bytes::copy("numbers/a"),
        .payload = bytes::copy(text),
        .qos = mqtt::qos::at_least_once,
        .packet_id = number};
}

std::string packets(std::uint16_t count, std::size_t size) {
    mqtt::output_buffer all;
    for (std::uint16_t id = 1; id <= count; ++id)
        mqtt::encode(numbered(id, size), mqtt::protocol_version::v5, all);
    std::string text;
    for (const auto& part : all.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return text;
}

/// Where the payloads lie that a pipeline stores, by their numbers.
class addresses {
  public:
    struct handler {
        addresses* where;

        void handle_message(weir::message<weir::bytes>&) {}

        void handle_batch(weir::batch<weir::bytes>& b) {
            for (const auto& m : b)
                where->add(number_in(m.data), m.data.data(), m.metadata.payload().data());
        }
    };

    [[nodiscard]] std::map<std::size_t, const std::byte*> stored() const {
        const std::lock_guard lock(mutex_);
        return stored_;
    }

  private:
    void add(std::size_t number, const std::byte* data, const std::byte* received) {
        EXPECT_EQ(data, received);
        const std::lock_guard lock(mutex_);
        stored_[number] = data;
    }

    mutable std::mutex mutex_;
    std::map<std::size_t, const std::byte*> stored_;
};

/// They are as far apart as on the wire: nobody has copied them since they were read.
TEST(payloads, are_stored_from_the_block_that_was_read_from_the_socket) {
    constexpr std::uint16_t count = 20;
    constexpr std::size_t size = 100;
    const auto raw = packets(count, size);
    scripted_broker broker{{conversation{}.accept().grant_subscribe().send_raw(raw)}};
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.batchers = {{.name = "default", .batch_size = 7, .batch_timeout = 5ms}};
    addresses where;
    auto running = weir::start(addresses::handler{&where}, o);
    ASSERT_TRUE(eventually([&] { return where.stored().size() == count; }));
    running.stop();
    const auto stored = where.stored();
    const auto distance = static_cast<std::ptrdiff_t>(raw.size() / count);
    for (std::uint16_t id = 2; id <= count; ++id)
        EXPECT_EQ(stored.at(id) - stored.at(id - 1), distance) << id;
}

/// Segments with data that have come to the socket of this process that is connected under its port `port`.
std::uint32_t data_segments_at(std::uint16_t port) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(entry.path().filename().string());
        sockaddr_in name{};
        auto* const any = reinterpret_cast<sockaddr*>(&name);
        socklen_t size = sizeof name;
        if (::getsockname(fd, any, &size) != 0 || name.sin_family != AF_INET) continue;
        if (ntohs(name.sin_port) != port) continue;
        size = sizeof name;
        if (::getpeername(fd, any, &size) != 0) continue; // it listens
        tcp_info info{};
        size = sizeof info;
        if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) return info.tcpi_data_segs_in;
    }
    throw std::runtime_error("nobody is connected");
}

/// Stores batches when it is told to.
struct patient_handler {
    std::atomic<std::size_t>* waiting;
    std::atomic<bool>* go;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) {
        *waiting += b.size();
        while (!*go)
            std::this_thread::sleep_for(1ms);
    }
};

TEST(acknowledgements, of_a_batch_leave_together) {
    constexpr std::uint16_t count = 50;
    std::atomic<std::size_t> waiting{0};
    std::atomic<bool> go{false};
    std::atomic<std::uint16_t> port{0};
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    auto script = conversation{}.accept().grant_subscribe();
    for (std::uint16_t id = 1; id <= count; ++id)
        script.send(numbered(id, 10));
    script.wait_until("they are a batch", [&] { return waiting == count; }).run("go", [&](auto&) {
        before = data_segments_at(port);
        go = true;
    });
    for (std::uint16_t id = 1; id <= count; ++id)
        script.expect(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = id});
    script.run("count", [&](auto&) { after = data_segments_at(port); });
    scripted_broker broker{{script}};
    port = broker.port();
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.batchers = {{.name = "default", .batch_size = count, .batch_timeout = 60s}};
    auto running = weir::start(patient_handler{&waiting, &go}, o);
    EXPECT_EQ(broker.finish(), "");
    go = true;
    running.stop();
    EXPECT_GE(after - before, 1u);
    EXPECT_LE(after - before, 3u) << "for " << count << " acknowledgements";
}

} // namespace
} // namespace weir::testing
