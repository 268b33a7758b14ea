#include "transport/socket_settings.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::mqtt {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// A connection made with `options`, and what its other end sees.
struct connection {
    explicit connection(const tcp_options& options) {
        const auto to = acceptor.local_endpoint();
        refused = prepare_socket(socket, to, options);
        if (refused) return;
        socket.connect(to);
        settle_socket(socket, options);
        peer = acceptor.accept().remote_endpoint().address().to_string();
    }

    int number(int level, int name) {
        int value = -1;
        socklen_t size = sizeof value;
        ::getsockopt(socket.native_handle(), level, name, &value, &size);
        return value;
    }

    asio::io_context context;
    tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    tcp::socket socket{context};
    boost::system::error_code refused;
    std::string peer;
};

TEST(socket_settings, reach_the_socket) {
    connection c{
        {.nodelay = true,
         .keepalive = tcp_keepalive{std::chrono::seconds{7}, std::chrono::seconds{8}, 9},
         .user_timeout = std::chrono::milliseconds{1'234},
         .receive_buffer = 10'000,
         .send_buffer = 20'000}};
    ASSERT_FALSE(c.refused);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(c.number(SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_KEEPIDLE), 7);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_KEEPINTVL), 8);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_KEEPCNT), 9);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_USER_TIMEOUT), 1'234);
    EXPECT_EQ(c.number(SOL_SOCKET, SO_RCVBUF), 20'000); // the kernel counts its own needs too
    EXPECT_EQ(c.number(SOL_SOCKET, SO_SNDBUF), 40'000);
}

TEST(socket_settings, leave_alone_what_was_not_asked_for) {
    connection c{{.nodelay = false}};
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_EQ(c.number(SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(c.number(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
}

TEST(socket_settings, an_address_of_ones_own_is_what_the_peer_sees) {
    EXPECT_EQ(connection{{.bind_address = "127.0.0.9"}}.peer, "127.0.0.9");
}

TEST(socket_settings, an_address_of_another_family_is_refused) {
    EXPECT_TRUE(connection{{.bind_address = "::1"}}.refused);
}

TEST(socket_settings, an_interface_can_be_chosen) {
    EXPECT_FALSE(connection{{.bind_interface = "lo"}}.refused);
    EXPECT_TRUE(connection{{.bind_interface = "no-such-one"}}.refused);
}

} // namespace
} // namespace weir::mqtt
