#include "fake_intake.hpp"
#include "mqtt_source.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <system_error>
#include <vector>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;

/// A port that can be connected to, where nobody ever says a word.
class silent_port {
  public:
    silent_port()
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const any = reinterpret_cast<sockaddr*>(&address_);
        socklen_t size = sizeof address_;
        if (::bind(socket_, any, size) != 0 || ::listen(socket_, 100) != 0 ||
            ::getsockname(socket_, any, &size) != 0)
            throw std::system_error(errno, std::generic_category(), "a silent port");
    }

    silent_port(const silent_port&) = delete;
    silent_port& operator=(const silent_port&) = delete;

    ~silent_port() { ::close(socket_); }

    [[nodiscard]] std::uint16_t number() const { return ntohs(address_.sin_port); }

  private:
    int socket_;
    sockaddr_in address_{};
};

/// Each of them asks a broker that does not answer to forget its session, for two seconds.
TEST(stopping, producers_do_not_wait_for_each_other) {
    constexpr std::size_t many = 12;
    const silent_port broker;
    options o;
    o.name = "many";
    o.producer.topics = {{"a", mqtt::qos::at_least_once}};
    o.producer.concurrency = many;
    o.producer.shared_group = "g";
    o.producer.on_stop = on_stop::end_session;
    o.producer.config.host = "127.0.0.1";
    o.producer.config.port = broker.number();
    o.producer.config.clientid = "many";
    o.telemetry = std::make_shared<telemetry>();
    const mqtt_source source(effective(o));
    const auto producers = source.producers();
    std::vector<std::unique_ptr<fake_intake>> intakes;
    for (const auto& p : producers)
        p->start(*intakes.emplace_back(std::make_unique<fake_intake>()));
    const auto begin = clock::now();
    for (const auto& p : producers)
        p->stop(begin + 10s);
    EXPECT_LT(clock::now() - begin, many * 2s - 4s);
}

} // namespace
} // namespace weir::connector
