#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

/// What stands before a scripted broker on the wire: servers on a free port of 127.0.0.1 that take off TLS, a
/// WebSocket or a proxy's handshake and pass the rest on to the broker's port. They stack.
namespace weir::mqtt::fronts {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// Accepts connections and lets who derives serve them, on a thread of its own.
class front {
  public:
    front(const front&) = delete;
    front& operator=(const front&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

  protected:
    front();
    ~front() = default;

    /// Of one connection. What it throws ends that connection.
    using server = std::function<asio::awaitable<void>(tcp::socket)>;

    void start(server serve);

    /// To be called by the destructor of who derives, before anything that `serve` uses is gone.
    void stop();

    /// Runs `task` where connections are served.
    void post(std::function<void()> task);

    /// A connection to a port of this machine.
    asio::awaitable<tcp::socket> dial(std::uint16_t port);

  private:
    asio::awaitable<void> accept_loop(server serve);

    asio::io_context context_;
    tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::thread thread_;
};

/// What a front has seen, connection by connection.
template <class Record>
class records {
  public:
    void add(Record r) {
        const std::lock_guard lock{mutex_};
        all_.push_back(std::move(r));
        changed_.notify_all();
    }

    /// All of them, as soon as there are `count`.
    [[nodiscard]] std::vector<Record> wait_for(std::size_t count) const {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return all_.size() >= count; });
        return all_;
    }

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<Record> all_;
};

} // namespace weir::mqtt::fronts
