#pragma once

#include <weir/mqtt/io_lane.hpp>
#include <weir/mqtt/transport/tcp.hpp>
#include <weir/mqtt/transport/transport.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace weir::mqtt {

/// Which call of all that are counted with it fails, from 1, and how. Any thread may count.
class fault_plan {
  public:
    enum class moment : std::uint8_t {
        before, ///< nothing was done
        after   ///< all was done, and only the answer is bad
    };

    fault_plan(std::size_t at, moment when)
        : at_(at)
        , when_(when) {}

    /// Counts a call: whether it is the one.
    [[nodiscard]] bool fails() noexcept { return ++calls_ == at_; }

    [[nodiscard]] moment when() const noexcept { return when_; }

    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }

    /// Whether there were as many calls.
    [[nodiscard]] bool reached() const noexcept { return calls_ >= at_; }

  private:
    std::atomic<std::size_t> calls_{0};
    const std::size_t at_;
    const moment when_;
};

/// TCP, of which one connect, read or write fails as planned.
class faulty_stream final : public transport, transport_listener {
  public:
    faulty_stream(io_lane& lane, std::shared_ptr<fault_plan> plan)
        : lane_(lane)
        , plan_(std::move(plan))
        , inner_(make_tcp_transport(lane, {})) {}

    ~faulty_stream() override { faulty_stream::close(); }

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) override {
        listener_ = &listener;
        if (begins(connect_fails_)) inner_->connect(host, port, *this);
    }

    [[nodiscard]] std::string_view phase() const noexcept override { return inner_->phase(); }

    void read() override {
        if (begins(read_fails_)) inner_->read();
    }

    void write(output_buffer& out) override {
        if (begins(write_fails_)) return inner_->write(out);
        out.clear();
    }

    void shutdown() noexcept override { inner_->shutdown(); }

    void close() noexcept override {
        *alive_ = false;
        listener_ = nullptr;
        inner_->close();
    }

    [[nodiscard]] counters stats() const noexcept override { return inner_->stats(); }

  private:
    /// Whether the call is made at all; `late` is set when its answer is to be bad.
    bool begins(bool& late) {
        if (!plan_->fails()) return true;
        late = plan_->when() == fault_plan::moment::after;
        if (late) return true;
        lane_.post([this, alive = alive_] {
            if (*alive) fail();
        });
        return false;
    }

    void fail() { listener_->transport_failed({errc::io_error, "as planned"}); }

    void transport_passed(std::string_view step) override { listener_->transport_passed(step); }

    void transport_connected(const std::string& endpoint) override {
        connect_fails_ ? fail() : listener_->transport_connected(endpoint);
    }

    void transport_received(bytes chunk) override {
        read_fails_ ? fail() : listener_->transport_received(std::move(chunk));
    }

    void transport_written() override { write_fails_ ? fail() : listener_->transport_written(); }

    void transport_failed(const error& reason) override { listener_->transport_failed(reason); }

    io_lane& lane_;
    std::shared_ptr<fault_plan> plan_;
    std::unique_ptr<transport> inner_;
    transport_listener* listener_{nullptr};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)}; ///< read on the lane only
    bool connect_fails_{false};
    bool read_fails_{false};
    bool write_fails_{false};
};

} // namespace weir::mqtt
