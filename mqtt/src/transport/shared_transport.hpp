#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::mqtt {

/// A transport whose stream is shared by every operation under way, so that one that ends after `close` still
/// finds its buffers. This is the owner's end of it.
template <typename Stream>
class shared_transport final : public transport {
  public:
    explicit shared_transport(std::shared_ptr<Stream> stream)
        : stream_(std::move(stream)) {}

    ~shared_transport() override { stream_->close(); }

    void set_low_mem() noexcept override { stream_->set_low_mem(); }

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) override {
        stream_->connect(host, port, listener);
    }

    [[nodiscard]] std::string_view phase() const noexcept override { return stream_->phase(); }

    void read() override { stream_->read(); }

    void write(output_buffer& out) override { stream_->write(out); }

    void shutdown() noexcept override { stream_->shutdown(); }

    void close() noexcept override { stream_->close(); }

    [[nodiscard]] counters stats() const noexcept override { return stream_->stats(); }

  private:
    const std::shared_ptr<Stream> stream_;
};

} // namespace weir::mqtt
