// What a client is about, for whoever asks on any thread.
#include "client/client_impl.hpp"

#include <weir/mqtt/client_status.hpp>

namespace weir::mqtt {
namespace {

client_status step_named(std::string_view step) noexcept {
    if (step == "resolve") return client_status::resolve;
    if (step == "proxy") return client_status::proxy;
    if (step == "tls") return client_status::tls;
    return step == "websocket" ? client_status::websocket : client_status::tcp;
}

} // namespace

std::string_view to_string(client_status status) noexcept {
    switch (status) {
    case client_status::initialized: return "initialized";
    case client_status::loading: return "loading";
    case client_status::resolve: return "resolve";
    case client_status::tcp: return "tcp";
    case client_status::proxy: return "proxy";
    case client_status::tls: return "tls";
    case client_status::websocket: return "websocket";
    case client_status::authenticating: return "authenticating";
    case client_status::waiting_for_connack: return "waiting_for_connack";
    case client_status::connected: return "connected";
    case client_status::draining: return "draining";
    case client_status::reconnect: return "reconnect";
    case client_status::stopped: return "stopped";
    }
    return "unknown";
}

void client::impl::show_status() noexcept {
    status_.store(status_now(), std::memory_order_relaxed);
}

client_status client::impl::status_now() const noexcept {
    switch (phase_) {
    case phase::idle: return client_status::initialized;
    case phase::loading: return client_status::loading;
    case phase::waiting: return client_status::reconnect;
    case phase::attempting:
        if (!link_.is_up()) return connecting_;
        return exchange_ || errand_.under_way() ? client_status::authenticating
                                                : client_status::waiting_for_connack;
    case phase::up: return draining_ ? client_status::draining : client_status::connected;
    case phase::closing: return client_status::draining;
    case phase::stopped: return client_status::stopped;
    }
    return client_status::initialized;
}

/// The link tells what is done, not what begins.
client_status client::impl::step_after(std::string_view done) const noexcept {
    const auto& to = route_.here();
    const auto kind = to.kind;
    if (done == "resolve") return client_status::tcp;
    if (done == "tcp" && !options_.proxy.empty()) return client_status::proxy;
    if ((done == "tcp" || done == "proxy") && uses_tls(kind)) return client_status::tls;
    if (done != "websocket" && uses_websocket(kind)) return client_status::websocket;
    return step_named(done);
}

void client::impl::note_step(std::string_view running) noexcept {
    connecting_ = step_named(running);
    show_status();
}

} // namespace weir::mqtt
