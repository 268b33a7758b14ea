#include "io_lane_engine.hpp"
#include "transport/host_text.hpp"
#include "transport/later.hpp"
#include "transport/tls_engine.hpp"

#include <weir/base/read_blocks.hpp>
#include <weir/mqtt/transport/tls.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir::mqtt {
namespace {

/// Encrypted at a time: what is sent costs no more memory than this beside itself.
constexpr std::size_t encrypted_step = 256u << 10;

/// Every call of the listener is the last thing its caller does: it may end the connection and this object.
class tls_transport final : public transport, transport_listener {
  public:
    tls_transport(
        io_lane& lane, std::unique_ptr<transport> below, tls_options options,
        std::shared_ptr<tls_session_cache> sessions)
        : below_(std::move(below))
        , options_(std::move(options))
        , sessions_(std::move(sessions))
        , input_(lane.native().blocks)
        , later_(lane) {}

    ~tls_transport() override { below_->close(); }

    void set_low_mem() noexcept override {
        low_mem_ = true;
        input_.set_low_mem();
        below_->set_low_mem();
    }

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) override;

    [[nodiscard]] std::string_view phase() const noexcept override {
        return engine_ ? "tls" : below_->phase();
    }

    void read() override;
    void write(output_buffer& out) override;
    void shutdown() noexcept override;
    void close() noexcept override;

    [[nodiscard]] counters stats() const noexcept override { return below_->stats(); }

  private:
    void transport_passed(std::string_view phase) override { listener_->transport_passed(phase); }

    void transport_warned(const std::string& text) override { listener_->transport_warned(text); }

    void transport_connected(const std::string& endpoint) override;
    void transport_received(bytes chunk) override;
    void transport_written() override;
    void transport_failed(const error& reason) override;

    void shake_hands();
    void succeed();
    void decrypt();
    void want_more();
    void report_end(tls_engine::progress how);
    void encrypt_more();
    void send_output();
    void give_buffers_back();
    void fail(const error& reason);

    const std::unique_ptr<transport> below_;
    const tls_options options_;
    const std::shared_ptr<tls_session_cache> sessions_;
    transport_listener* listener_{nullptr};
    std::string host_;
    std::uint16_t port_{0};
    std::string endpoint_; ///< as reached
    std::optional<tls_engine> engine_;
    bool low_mem_{false};
    bool up_{false};
    bool reading_below_{false};
    bool reading_{false};   ///< the owner has asked
    bool holds_more_{true}; ///< there may be something that was received and not yet decrypted
    read_blocks input_;
    output_buffer plain_;    ///< the owner's, being sent
    bool sending_{false};    ///< `plain_`
    std::size_t segment_{0}; ///< of `plain_`, the one that follows
    std::size_t offset_{0};  ///< in it
    output_buffer encrypted_;
    bool writing_below_{false};
    bool ending_{false};
    later later_;
};

void tls_transport::connect(const std::string& host, std::uint16_t port, transport_listener& listener) {
    listener_ = &listener;
    host_ = host;
    port_ = port;
    below_->connect(host, port, *this);
}

void tls_transport::transport_connected(const std::string& endpoint) {
    endpoint_ = endpoint;
    engine_.emplace(options_, host_, port_, sessions_, low_mem_);
    if (const auto fault = engine_->fault()) return fail(*fault);
    shake_hands();
}

void tls_transport::shake_hands() {
    const auto outcome = engine_->handshake();
    send_output(); // an alert too, for the server's log
    switch (outcome) {
    case tls_engine::progress::wants_input: return want_more();
    case tls_engine::progress::done: return succeed();
    case tls_engine::progress::ended:
        return fail({errc::tls_failed, "close_notify: " + endpoint_ + " ended the handshake"});
    case tls_engine::progress::failed: return fail(engine_->failure());
    }
}

void tls_transport::succeed() {
    up_ = true;
    if (options_.verify == tls_verify::verify_none)
        listener_->transport_warned("the certificate of " + host_and_port(host_, port_) + " is not verified");
    listener_->transport_passed("tls");
    listener_->transport_connected(endpoint_);
}

void tls_transport::read() {
    reading_ = true;
    if (!holds_more_) return want_more();
    // Never inside the owner's call.
    later_.run([this] { decrypt(); });
}

void tls_transport::want_more() {
    if (std::exchange(reading_below_, true)) return;
    if (low_mem_ && up_) engine_->release_buffers();
    below_->read();
}

void tls_transport::transport_received(bytes chunk) {
    reading_below_ = false;
    engine_->feed(chunk.span());
    if (!up_) return shake_hands();
    decrypt();
}

void tls_transport::decrypt() {
    std::size_t count = 0;
    const auto outcome = engine_->read(input_.space(engine_->expected()), count);
    auto plain = input_.commit(count);
    send_output(); // the answer to a change of keys
    holds_more_ = outcome != tls_engine::progress::wants_input;
    if (count != 0) {
        reading_ = false;
        return listener_->transport_received(std::move(plain));
    }
    if (outcome == tls_engine::progress::wants_input) return want_more();
    report_end(outcome);
}

void tls_transport::report_end(tls_engine::progress how) {
    if (how == tls_engine::progress::failed) return fail(engine_->failure());
    fail({errc::peer_closed, endpoint_ + ": end of stream"});
}

void tls_transport::write(output_buffer& out) {
    plain_.swap(out);
    out.clear();
    sending_ = true;
    segment_ = offset_ = 0;
    encrypt_more();
}

void tls_transport::encrypt_more() {
    const auto& segments = plain_.segments();
    while (segment_ < segments.size() && encrypted_.size() < encrypted_step) {
        const auto rest = segments[segment_].subspan(offset_);
        const auto part = rest.first(std::min(rest.size(), encrypted_step));
        if (!engine_->write(part)) return later_.run([this] { fail(engine_->failure()); });
        engine_->take_output(encrypted_);
        offset_ += part.size();
        if (offset_ < segments[segment_].size()) continue;
        ++segment_;
        offset_ = 0;
    }
    send_output();
}

void tls_transport::send_output() {
    engine_->take_output(encrypted_);
    if (writing_below_ || encrypted_.empty()) return;
    writing_below_ = true;
    below_->write(encrypted_);
}

void tls_transport::transport_written() {
    writing_below_ = false;
    if (sending_ && segment_ < plain_.segments().size()) return encrypt_more();
    if (!encrypted_.empty()) return send_output();
    if (ending_) return below_->shutdown();
    if (!std::exchange(sending_, false)) return;
    plain_.clear();
    if (low_mem_) give_buffers_back();
    listener_->transport_written();
}

void tls_transport::give_buffers_back() {
    plain_.release();
    engine_->release_buffers();
}

void tls_transport::shutdown() noexcept {
    ending_ = true;
    engine_->end();
    send_output();
    if (!writing_below_) below_->shutdown();
}

void tls_transport::transport_failed(const error& reason) {
    fail(reason);
}

void tls_transport::close() noexcept {
    listener_ = nullptr;
    later_.cancel();
    below_->close();
}

void tls_transport::fail(const error& reason) {
    if (listener_ != nullptr) listener_->transport_failed(reason);
}

} // namespace

std::unique_ptr<transport> make_tls_transport(
    io_lane& lane, std::unique_ptr<transport> below, tls_options options,
    std::shared_ptr<tls_session_cache> sessions) {
    return std::make_unique<tls_transport>(lane, std::move(below), std::move(options), std::move(sessions));
}

} // namespace weir::mqtt
