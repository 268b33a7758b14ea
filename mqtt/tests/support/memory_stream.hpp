#pragma once

#include <weir/mqtt/io_lane.hpp>
#include <weir/mqtt/transport/transport.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::mqtt {

/// The other end of a `memory_stream`. All calls come on the client's lane.
class memory_peer {
  public:
    virtual ~memory_peer() = default;

    /// The client has written this, at once.
    virtual void took(const output_buffer& written) = 0;

    /// What the client reads next; empty for nothing before it has written again.
    [[nodiscard]] virtual bytes next() = 0;

  protected:
    memory_peer() = default;
    memory_peer(const memory_peer&) = default;
    memory_peer& operator=(const memory_peer&) = default;
};

/// A CONNACK without properties.
inline bytes memory_connack(bool v5) {
    return bytes::copy(
        v5 ? std::string_view{"\x20\x03\x00\x00\x00", 5} : std::string_view{"\x20\x02\x00\x00", 4});
}

/// Says yes to CONNECT, and nothing more.
class silent_peer : public memory_peer {
  public:
    explicit silent_peer(bool v5 = true)
        : v5_(v5) {}

    void took(const output_buffer&) override {}

    [[nodiscard]] bytes next() override {
        return std::exchange(answered_, true) ? bytes{} : memory_connack(v5_);
    }

  private:
    const bool v5_;
    bool answered_{false};
};

/// A stream to a broker in memory: no socket, no thread.
class memory_stream final : public transport {
  public:
    explicit memory_stream(io_lane& lane, std::shared_ptr<memory_peer> peer = std::make_shared<silent_peer>())
        : lane_(lane)
        , peer_(std::move(peer)) {}

    void connect(const std::string&, std::uint16_t, transport_listener& listener) override {
        listener_ = &listener;
        later([this] { listener_->transport_connected("memory"); });
    }

    [[nodiscard]] std::string_view phase() const noexcept override { return "memory"; }

    void read() override {
        reading_ = true;
        answer();
    }

    void write(output_buffer& out) override {
        ++stats_.writes;
        stats_.bytes_written += out.size();
        peer_->took(out);
        out.clear();
        later([this] { listener_->transport_written(); });
        answer();
    }

    void shutdown() noexcept override {
        later([this] { listener_->transport_failed({errc::peer_closed, "memory"}); });
    }

    void close() noexcept override { alive_.reset(); }

    [[nodiscard]] counters stats() const noexcept override { return stats_; }

  private:
    void answer() {
        if (!reading_ || stats_.writes == 0) return;
        auto chunk = peer_->next();
        if (chunk.empty()) return;
        reading_ = false;
        ++stats_.reads;
        stats_.bytes_read += chunk.size();
        later([this, chunk] { listener_->transport_received(chunk); });
    }

    template <class Task>
    void later(Task task) {
        lane_.post([alive = std::weak_ptr<int>{alive_}, task] {
            if (!alive.expired()) task();
        });
    }

    io_lane& lane_;
    std::shared_ptr<memory_peer> peer_;
    std::shared_ptr<int> alive_{std::make_shared<int>()};
    transport_listener* listener_{nullptr};
    bool reading_{false};
    counters stats_;
};

} // namespace weir::mqtt
