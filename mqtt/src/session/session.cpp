#include "session/session_impl.hpp"

namespace weir::mqtt {

session::session(client_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {}

session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

error session::opened(time_point now, connect_extras extras) {
    return impl_->opened(now, std::move(extras));
}

void session::received(bytes chunk, time_point now, events& out) {
    impl_->received(std::move(chunk), now, out);
}

bool session::has_more() const noexcept {
    return impl_->has_more();
}

void session::closed(const error& reason, time_point now, events& out) {
    impl_->closed(reason, now, out);
}

void session::ticked(time_point now, events& out) {
    impl_->ticked(now, out);
}

std::optional<time_point> session::deadline() const noexcept {
    return impl_->deadline();
}

void session::take_output(output_buffer& out) {
    impl_->take_output(out);
}

bool session::has_output() const noexcept {
    return impl_->has_output();
}

bool session::has_room(std::size_t bytes) const noexcept {
    return impl_->has_room(bytes);
}

void session::written(time_point now, events& out) {
    impl_->written(now, out);
}

bool session::wants_read() const noexcept {
    return impl_->wants_read();
}

void session::demand(std::size_t messages, time_point now, events& out) {
    impl_->demand(messages, now, out);
}

void session::pause(time_point) {
    impl_->pause();
}

void session::resume(time_point now, events& out) {
    impl_->resume(now, out);
}

void session::drain(bool everything, time_point now, events& out) {
    impl_->drain(everything, now, out);
}

void session::acknowledge(std::span<const ack_outcome> outcomes, time_point now, events& out) {
    impl_->acknowledge(outcomes, now, out);
}

error session::acknowledge(
    const ack_token& token, reason_code code, properties props, time_point now, events& out) {
    return impl_->acknowledge(token, code, std::move(props), now, out);
}

void session::release(std::uint64_t request, time_point now, events& out) {
    impl_->release(request, now, out);
}

error session::send_ack(const ack& a, time_point now) {
    return impl_->send_ack(a, now);
}

result<operation_id> session::publish(outgoing message, time_point now, events& out) {
    return impl_->publish(std::move(message), now, out);
}

result<operation_id> session::subscribe(std::vector<subscription> list, properties props, time_point now) {
    return impl_->subscribe(std::move(list), std::move(props), now);
}

result<operation_id> session::unsubscribe(
    std::vector<std::string> filters, time_point now, properties props) {
    return impl_->unsubscribe(std::move(filters), std::move(props), now);
}

void session::cancel(operation_id operation, time_point now, events& out) {
    impl_->cancel(operation, now, out);
}

result<operation_id> session::ping(time_point now) {
    return impl_->ping(now);
}

result<operation_id> session::reauthenticate(const auth_message& first, time_point now) {
    return impl_->reauthenticate(first, now);
}

error session::authenticate(const auth_message& answer, time_point now) {
    return impl_->authenticate(answer, now);
}

void session::judge(error failed, time_point now, events& out) {
    impl_->judge(std::move(failed), now, out);
}

error session::check_disconnect(reason_code code, const properties& props) const {
    return impl_->check_disconnect(code, props);
}

void session::disconnect(reason_code code, properties props, time_point now, events& out) {
    impl_->disconnect(code, std::move(props), now, out);
}

void session::abort(events& out) {
    impl_->abort(out);
}

bool session::is_connected() const noexcept {
    return impl_->is_connected();
}

const std::string& session::client_id() const noexcept {
    return impl_->client_id();
}

session_stats session::stats() const noexcept {
    return impl_->stats();
}

error session::restore(
    const store_content& content, time_point now, std::chrono::milliseconds today, events& out) {
    return impl_->restore(content, now, today, out);
}

std::shared_ptr<const std::vector<store_change>> session::take_changes(time_point now) {
    return impl_->take_changes(now);
}

void session::stored(const store_usage& in_use, time_point now, events& out) {
    impl_->stored(in_use, now, out);
}

void session::store_failed(const error& why, time_point now, events& out) {
    impl_->store_failed(why, now, out);
}

std::vector<granted_subscription> session::subscriptions() const {
    return impl_->subscriptions();
}

} // namespace weir::mqtt
