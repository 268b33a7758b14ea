#include "io_lane_engine.hpp"
#include "transport/tcp_stream.hpp"

namespace weir::mqtt {
namespace {

class tcp_transport final : public transport {
  public:
    tcp_transport(io_lane::engine& engine, tcp_options options)
        : stream_(std::make_shared<tcp_stream>(engine.context, engine.blocks, options)) {}

    ~tcp_transport() override { stream_->close(); }

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
    std::shared_ptr<tcp_stream> stream_;
};

} // namespace

std::unique_ptr<transport> make_tcp_transport(io_lane& lane, tcp_options options) {
    return std::make_unique<tcp_transport>(lane.native(), options);
}

} // namespace weir::mqtt
