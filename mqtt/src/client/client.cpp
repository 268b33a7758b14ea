#include "client/client_impl.hpp"

#include <future>
#include <stdexcept>
#include <utility>

namespace weir::mqtt {

// Observers override what they need.
void client_observer::on_connected(const connected&, const std::string&, duration) {}

void client_observer::on_warning(const std::string&) {}

void client_observer::on_ready() {}

void client_observer::on_down(const connection_down&) {}

void client_observer::on_attempt_failed(const connection_down&) {}

void client_observer::on_messages(std::span<message_received>) {}

void client_observer::on_event(const event&) {}

void client_observer::on_gave_up(const error&) {}

void client_observer::on_callback_error(const std::string&) noexcept {}

namespace {

client_options checked(client_options options) {
    std::string text;
    for (const auto& fault : check(options)) {
        if (!text.empty()) text += "; ";
        text += fault.path + " is " + fault.value + ", allowed: " + fault.allowed;
    }
    if (!text.empty()) throw std::invalid_argument{text};
    return options;
}

/// Waits until the lane has run all that was posted before.
void pass_through(io_lane& lane) {
    std::promise<void> reached;
    lane.post([&reached] { reached.set_value(); });
    reached.get_future().wait();
}

} // namespace

client::client(io_lane& lane, client_options options, client_observer& observer, const time_source& time)
    : impl_(std::make_shared<impl>(lane, checked(std::move(options)), observer, time)) {}

client::~client() {
    if (impl_->lane().is_current()) {
        impl_->abandon();
    } else {
        abort();
        pass_through(impl_->lane()); // nothing that knows the observer is left on the lane
    }
}

void client::start() {
    impl_->call(calls::start{});
}

void client::publish(
    outgoing message, publish_completion done, std::stop_token cancel, std::function<void()> stored) {
    impl_->call(calls::publish{
        .message = std::move(message),
        .done = std::move(done),
        .cancel = std::move(cancel),
        .stored = std::move(stored)});
}

void client::publish_when_room(outgoing message, publish_completion done, std::stop_token cancel) {
    impl_->call(calls::publish{
        .message = std::move(message), .done = std::move(done), .cancel = std::move(cancel), .waits = true});
}

void client::subscribe(
    std::vector<subscription> list, subscribe_completion done, properties props, std::stop_token cancel) {
    impl_->call(calls::subscribe{
        .list = std::move(list),
        .done = std::move(done),
        .props = std::move(props),
        .cancel = std::move(cancel)});
}

void client::unsubscribe(
    std::vector<std::string> filters, unsubscribe_completion done, std::stop_token cancel, properties props) {
    impl_->call(calls::unsubscribe{
        .filters = std::move(filters),
        .done = std::move(done),
        .cancel = std::move(cancel),
        .props = std::move(props)});
}

void client::acknowledge(const ack_token& token, reason_code code, properties props, ack_completion done) {
    impl_->call(
        calls::acknowledge{.token = token, .code = code, .props = std::move(props), .done = std::move(done)});
}

void client::release(std::uint64_t request) {
    impl_->call(calls::release{.request = request});
}

void client::send_ack(ack a, ack_completion done) {
    impl_->call(calls::send_ack{.packet = std::move(a), .done = std::move(done)});
}

void client::request(outgoing message, std::chrono::milliseconds timeout, request_completion done) {
    impl_->call(calls::request{.message = std::move(message), .timeout = timeout, .done = std::move(done)});
}

void client::ping(ping_completion done) {
    impl_->call(calls::ping{.done = std::move(done)});
}

void client::reauthenticate(reauthenticate_completion done) {
    impl_->call(calls::reauthenticate{.done = std::move(done)});
}

void client::demand(std::size_t messages) {
    impl_->demand(messages);
}

void client::pause() {
    impl_->call(calls::pause{});
}

void client::resume() {
    impl_->call(calls::resume{});
}

void client::drain(bool everything, std::function<void()> done) {
    impl_->call(calls::drain{.everything = everything, .done = std::move(done)});
}

void client::acknowledge(std::span<const ack_outcome> outcomes) {
    impl_->acknowledge(outcomes);
}

void client::reconnect() {
    impl_->call(calls::reconnect{});
}

void client::stop(reason_code code, properties props) {
    impl_->call(calls::stop{.code = code, .props = std::move(props)});
    impl_->wait_until_stopped();
}

void client::stop(reason_code code, properties props, std::function<void()> done) {
    impl_->call(calls::stop{.code = code, .props = std::move(props), .done = std::move(done)});
}

void client::leave(reason_code code, properties props, leave_completion done) {
    impl_->call(calls::leave{.code = code, .props = std::move(props), .done = std::move(done)});
}

void client::drop_connection() {
    impl_->call(calls::drop_connection{});
}

void client::abort() {
    impl_->call(calls::abort{});
    impl_->wait_until_stopped();
}

connect_timings client::timings() const {
    return impl_->timings();
}

client_status client::status() const noexcept {
    return impl_->status();
}

session_stats client::stats() const {
    return impl_->stats();
}

std::vector<granted_subscription> client::subscriptions() const {
    return impl_->subscriptions();
}

client::cost client::io_stats() const {
    return impl_->io_stats();
}

} // namespace weir::mqtt
