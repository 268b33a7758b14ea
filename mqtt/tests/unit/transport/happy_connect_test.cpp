#include "testing/socket.hpp"
#include "transport/happy_connect.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <vector>

namespace weir::mqtt {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

tcp::endpoint at(const char* address, std::uint16_t port = 1) {
    return {asio::ip::make_address(address), port};
}

tcp::endpoint loopback(std::uint16_t port) {
    return at("127.0.0.1", port);
}

TEST(interleave_families, alternates_and_keeps_the_order_of_each) {
    const auto mixed = interleave_families({at("::1"), at("::2"), at("::3"), at("10.0.0.1"), at("10.0.0.2")});
    EXPECT_EQ(
        mixed, (std::vector<tcp::endpoint>{at("::1"), at("10.0.0.1"), at("::2"), at("10.0.0.2"), at("::3")}));
}

TEST(interleave_families, begins_with_the_family_the_resolver_prefers) {
    const auto mixed = interleave_families({at("10.0.0.1"), at("::1"), at("::2"), at("::3")});
    EXPECT_EQ(mixed, (std::vector<tcp::endpoint>{at("10.0.0.1"), at("::1"), at("::2"), at("::3")}));
}

TEST(interleave_families, leaves_one_family_alone) {
    EXPECT_TRUE(interleave_families({}).empty());
    EXPECT_EQ(
        interleave_families({at("::2"), at("::1")}), (std::vector<tcp::endpoint>{at("::2"), at("::1")}));
}

/// A listener whose queue is full, so that the kernel swallows further attempts.
class black_hole {
  public:
    black_hole() {
        ::listen(listener_.fd.get(), 0);
        for (auto& filler : fillers_) {
            filler = testing::descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            address.sin_port = htons(listener_.port);
            (void)::connect(filler.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        }
    }

    [[nodiscard]] tcp::endpoint address() const { return loopback(listener_.port); }

  private:
    testing::loopback_listener listener_;
    std::array<testing::descriptor, 4> fillers_;
};

std::uint16_t closed_port() {
    return testing::loopback_listener{}.port;
}

struct attempt {
    explicit attempt(std::vector<tcp::endpoint> addresses)
        : connecting(std::make_shared<happy_connect>(
              context, std::move(addresses), [this](const auto& ec, tcp::socket socket) {
                  outcome = ec;
                  if (!ec) reached = socket.remote_endpoint();
              })) {
        connecting->start();
    }

    asio::io_context context;
    std::optional<boost::system::error_code> outcome;
    tcp::endpoint reached;
    std::shared_ptr<happy_connect> connecting;
};

TEST(happy_connect, an_address_that_swallows_everything_costs_a_moment) {
    const black_hole hole;
    const testing::loopback_listener good;
    attempt a{{hole.address(), loopback(good.port)}};
    a.context.run_for(std::chrono::seconds{5});
    ASSERT_TRUE(a.outcome);
    EXPECT_FALSE(*a.outcome) << a.outcome->message();
    EXPECT_EQ(a.reached, loopback(good.port));
    EXPECT_TRUE(a.context.stopped()) << "the loser is closed and nothing waits for it";
}

TEST(happy_connect, a_refusal_tries_the_next_at_once) {
    const testing::loopback_listener good;
    attempt a{{loopback(closed_port()), loopback(closed_port()), loopback(good.port)}};
    a.context.run_for(happy_connect::stagger / 2);
    ASSERT_TRUE(a.outcome);
    EXPECT_EQ(a.reached, loopback(good.port));
}

TEST(happy_connect, fails_when_every_address_did) {
    attempt a{{loopback(closed_port()), loopback(closed_port())}};
    a.context.run_for(std::chrono::seconds{5});
    ASSERT_TRUE(a.outcome);
    EXPECT_EQ(*a.outcome, asio::error::connection_refused);
}

TEST(happy_connect, says_nothing_once_cancelled) {
    const black_hole hole;
    attempt a{{hole.address()}};
    a.context.run_for(std::chrono::milliseconds{10});
    a.connecting->cancel();
    a.context.restart();
    a.context.run_for(std::chrono::seconds{5});
    EXPECT_FALSE(a.outcome);
    EXPECT_TRUE(a.context.stopped());
}

} // namespace
} // namespace weir::mqtt
