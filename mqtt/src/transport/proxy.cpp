#include "transport/host_text.hpp"
#include "transport/later.hpp"
#include "transport/proxy_dialogue.hpp"

#include <weir/mqtt/transport/proxy.hpp>

#include <utility>

namespace weir::mqtt {
namespace {

/// Talks to the proxy first, then passes everything on. Every call of the listener is the last thing its
/// caller does: it may end the connection and this object.
class proxy_transport final : public transport, transport_listener {
  public:
    proxy_transport(io_lane& lane, std::unique_ptr<transport> below, proxy_options options)
        : below_(std::move(below))
        , options_(std::move(options))
        , later_(lane) {}

    ~proxy_transport() override { below_->close(); }

    void set_low_mem() noexcept override { below_->set_low_mem(); }

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) override {
        listener_ = &listener;
        target_ = host_and_port(host, port);
        dialogue_ = make_proxy_dialogue(options_, host, port);
        below_->connect(options_.host, options_.port, *this);
    }

    [[nodiscard]] std::string_view phase() const noexcept override {
        return reached_ ? "proxy" : below_->phase();
    }

    void read() override;

    void write(output_buffer& out) override { below_->write(out); }

    void shutdown() noexcept override { below_->shutdown(); }

    void close() noexcept override {
        listener_ = nullptr;
        later_.cancel();
        below_->close();
    }

    [[nodiscard]] counters stats() const noexcept override { return below_->stats(); }

  private:
    void transport_passed(std::string_view phase) override { listener_->transport_passed(phase); }

    void transport_warned(const std::string& text) override { listener_->transport_warned(text); }

    void transport_connected(const std::string& endpoint) override;
    void transport_received(bytes chunk) override;
    void transport_written() override;
    void transport_failed(const error& reason) override;

    void say(const std::string& text);
    void proceed();
    void fail(const error& reason);

    const std::unique_ptr<transport> below_;
    const proxy_options options_;
    transport_listener* listener_{nullptr};
    std::string target_;
    std::unique_ptr<proxy_dialogue> dialogue_; ///< until it is done
    bool reached_{false};
    bool agreed_{false};
    bool saying_{false};
    std::string input_; ///< received and not yet used; then what the broker said too early
    output_buffer out_;
    later later_;
};

void proxy_transport::transport_connected(const std::string&) {
    reached_ = true;
    say(dialogue_->open());
    below_->read();
}

void proxy_transport::say(const std::string& text) {
    out_.append(std::string_view{text});
    if (saying_ || out_.empty()) return;
    saying_ = true;
    below_->write(out_);
}

void proxy_transport::transport_received(bytes chunk) {
    if (!dialogue_) return listener_->transport_received(std::move(chunk));
    input_.append(chunk.text());
    const auto step = dialogue_->take(input_);
    if (step.failure)
        return fail(
            {step.failure->code,
             step.failure->detail + " by the proxy " + host_and_port(options_.host, options_.port)});
    say(step.reply);
    agreed_ = step.done;
    if (!agreed_) return step.reply.empty() || input_.empty() ? below_->read() : transport_received({});
    proceed();
}

void proxy_transport::proceed() {
    // The owner's writes must not meet one of ours.
    if (!agreed_ || saying_) return;
    dialogue_.reset();
    listener_->transport_passed("proxy");
    listener_->transport_connected(target_);
}

void proxy_transport::transport_written() {
    if (!dialogue_) return listener_->transport_written();
    saying_ = false;
    if (!out_.empty()) return say({});
    proceed();
}

void proxy_transport::read() {
    if (input_.empty()) return below_->read();
    later_.run([this] { listener_->transport_received(bytes::copy(std::exchange(input_, {}))); });
}

void proxy_transport::transport_failed(const error& reason) {
    if (!dialogue_) return fail(reason);
    fail({reason.code, "proxy " + reason.detail});
}

void proxy_transport::fail(const error& reason) {
    if (listener_ != nullptr) listener_->transport_failed(reason);
}

} // namespace

std::unique_ptr<transport> make_proxy_transport(
    io_lane& lane, std::unique_ptr<transport> below, proxy_options options) {
    return std::make_unique<proxy_transport>(lane, std::move(below), std::move(options));
}

} // namespace weir::mqtt
