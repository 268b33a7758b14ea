#include "io_lane_engine.hpp"
#include "transport/network_error.hpp"
#include "transport/socket_stream.hpp"

#include <weir/mqtt/transport/unix_socket.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <sys/un.h>

#include <cerrno>
#include <utility>

namespace weir::mqtt {
namespace {

namespace asio = boost::asio;

/// Connects to a socket file.
class unix_stream final : public socket_stream {
  public:
    unix_stream(asio::io_context& context, block_pool& blocks)
        : socket_stream(context, blocks, "unix")
        , fresh_(context) {}

    void connect(const std::string& path, std::uint16_t, transport_listener& listener) override {
        begin(path, listener);
        if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return refuse();
        fresh_.async_connect(
            {path}, [self = shared_from_this(), this](const error_code& ec) { connected(ec); });
    }

  private:
    void refuse() {
        asio::post(context(), [self = shared_from_this(), this] {
            fail({errc::resolve_failed, target() + ": not a path that a socket can have"});
        });
    }

    void connected(const error_code& ec) {
        if (is_closed()) return;
        if (ec.value() == ENOENT) return fail({errc::connect_refused, target() + ": no such socket"});
        if (ec) return fail(connect_error(ec, target()));
        succeed(std::move(fresh_), target());
    }

    void stop_connecting() noexcept override {
        error_code ignored;
        fresh_.close(ignored);
    }

    asio::local::stream_protocol::socket fresh_;
};

} // namespace

std::unique_ptr<transport> make_unix_transport(io_lane& lane) {
    auto& engine = lane.native();
    return make_transport_of(std::make_shared<unix_stream>(engine.context, engine.blocks));
}

} // namespace weir::mqtt
