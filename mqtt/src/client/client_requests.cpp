// Requests, and the responses that come back as messages.
#include "client/client_impl.hpp"
#include "client/guarded.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::mqtt {

void client::impl::run(calls::request c) {
    auto failed = refusal_of(c);
    if (!failed && version_ != protocol_version::v5)
        failed = {errc::unsupported_by_version, "requests need the properties of v5"};
    if (!failed) {
        failed = requests_.add(std::move(c.message), now_ + c.timeout, c.done);
        if (failed.code == errc::queue_full) ++calls_refused_;
    }
    if (failed) return complete(c.done, request_done{.failed = std::move(failed)});
    advance_requests();
}

/// Sends what may be sent; before that makes the one subscription that all responses use.
void client::impl::advance_requests() {
    if (phase_ != phase::up) return;
    switch (requests_.needs()) {
    case requests::need::nothing: break;
    case requests::need::topic:
        return fail_requests(
            requests_.remove_unsent(),
            {errc::option_invalid, "response_prefix is empty and the server has no Response Information"});
    case requests::need::subscription: return subscribe_to_responses();
    }
    while (auto one = requests_.next()) {
        one->message.deadline = one->until - now_;
        const auto accepted = session_.publish(std::move(one->message), now_, events_);
        if (!accepted) {
            fail_request(one->name, accepted.error());
            continue;
        }
        completions_.keep<client::publish_completion>(
            *accepted, [this, name = one->name](const publish_done& d) {
                if (d.failed) fail_request(name, d.failed);
            });
    }
}

void client::impl::subscribe_to_responses() {
    const auto accepted = session_.subscribe({{requests_.topic(), qos::at_least_once}}, {}, now_);
    if (!accepted) return fail_requests(requests_.remove_unsent(), accepted.error());
    requests_.subscribing(*accepted);
}

void client::impl::fail_request(requests::number name, const error& why) {
    if (const auto done = requests_.remove(name)) complete(*done, request_done{.failed = why});
}

void client::impl::fail_requests(const std::vector<request_completion>& all, const error& why) {
    for (const auto& done : all)
        complete(done, request_done{.failed = why});
}

void client::impl::take_response(message_received&& m) {
    deliver(); // what came before
    if (phase_ == phase::stopped) return;
    const ack_outcome taken{.token = m.token};
    session_.acknowledge({&taken, 1}, now_, events_);
    session_.demand(1, now_, events_); // it was none of the application's
    if (const auto done = requests_.answered(m.received)) {
        complete(*done, request_done{.response = std::move(m)});
    } else {
        ++late_responses_;
        guarded(*observer_, [&] { observer_->on_event(dropped{dropped::what::late_response, 1}); });
    }
}

} // namespace weir::mqtt
