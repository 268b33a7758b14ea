#include "client/messenger_core.hpp"

#include <utility>

namespace weir::mqtt {
namespace {

/// The outcome of a call of the client as a result.
template <class Outcome>
result<Outcome> result_of(const Outcome& outcome) {
    if (outcome.failed) return result<Outcome>{outcome.failed};
    return result<Outcome>{outcome};
}

/// The same, which never fails as a result.
template <class Outcome>
result<Outcome> whole(const Outcome& outcome) {
    return result<Outcome>{outcome};
}

/// An operation of the client that begins with `begin(done)`, and whose outcome `told` makes a result.
template <class Outcome, class Begin>
operation<Outcome> begin_operation(Begin begin, result<Outcome> (*told)(const Outcome&)) {
    const auto state = std::make_shared<operation_state<Outcome>>();
    begin([state, told](const Outcome& outcome) { (void)state->complete(told(outcome)); });
    return operation<Outcome>{state};
}

operation<publish_done> begin_publish(
    client& c, outgoing message, std::stop_token cancel, result<publish_done> (*told)(const publish_done&)) {
    return begin_operation<publish_done>(
        [&](auto done) { c.publish_when_room(std::move(message), std::move(done), std::move(cancel)); },
        told);
}

operation<subscribe_done> begin_subscribe(
    client& c, std::vector<subscription> list, properties props, std::stop_token cancel,
    result<subscribe_done> (*told)(const subscribe_done&)) {
    return begin_operation<subscribe_done>(
        [&](auto done) {
            c.subscribe(std::move(list), std::move(done), std::move(props), std::move(cancel));
        },
        told);
}

operation<unsubscribe_done> begin_unsubscribe(
    client& c, std::vector<std::string> filters, properties props, std::stop_token cancel,
    result<unsubscribe_done> (*told)(const unsubscribe_done&)) {
    return begin_operation<unsubscribe_done>(
        [&](auto done) {
            c.unsubscribe(std::move(filters), std::move(done), std::move(cancel), std::move(props));
        },
        told);
}

} // namespace

messenger::messenger(client_options options, client_observer* listener)
    : core_(std::make_shared<core>(nullptr, listener)) {
    core_->open(std::move(options));
}

messenger::messenger(io_lane& lane, client_options options, client_observer* listener)
    : core_(std::make_shared<core>(&lane, listener)) {
    core_->open(std::move(options));
}

messenger::~messenger() {
    if (core_ != nullptr) core_->close();
}

operation<connected> messenger::connect(std::stop_token cancel) {
    return core_->connect(std::move(cancel));
}

operation<connect_done> messenger::connect_outcome(std::stop_token cancel) {
    const auto state = std::make_shared<operation_state<connect_done>>();
    core_->connect(std::move(cancel)).then([state, core = core_](const result<connected>& r) {
        auto outcome = r ? connect_done{.info = *r} : connect_done{.failed = r.error(), .said = core->said()};
        (void)state->complete(result<connect_done>{std::move(outcome)});
    });
    return operation<connect_done>{state};
}

operation<void> messenger::disconnect(reason_code code, properties props) {
    return core_->disconnect(code, std::move(props));
}

operation<publish_done> messenger::publish(outgoing message, std::stop_token cancel) {
    return begin_publish(client(), std::move(message), std::move(cancel), result_of<publish_done>);
}

operation<publish_done> messenger::publish_outcome(outgoing message, std::stop_token cancel) {
    return begin_publish(client(), std::move(message), std::move(cancel), whole<publish_done>);
}

operation<publish_done> messenger::publish(
    std::string_view topic, std::string_view payload, qos level, bool retain) {
    return publish(
        outgoing{
            .topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level, .retain = retain},
        {});
}

operation<subscribe_done> messenger::subscribe(
    std::vector<subscription> list, properties props, std::stop_token cancel) {
    return begin_subscribe(
        client(), std::move(list), std::move(props), std::move(cancel), result_of<subscribe_done>);
}

operation<subscribe_done> messenger::subscribe_outcome(
    std::vector<subscription> list, properties props, std::stop_token cancel) {
    return begin_subscribe(
        client(), std::move(list), std::move(props), std::move(cancel), whole<subscribe_done>);
}

operation<unsubscribe_done> messenger::unsubscribe(std::vector<std::string> filters, std::stop_token cancel) {
    return unsubscribe(std::move(filters), properties{}, std::move(cancel));
}

operation<unsubscribe_done> messenger::unsubscribe(
    std::vector<std::string> filters, properties props, std::stop_token cancel) {
    return begin_unsubscribe(
        client(), std::move(filters), std::move(props), std::move(cancel), result_of<unsubscribe_done>);
}

operation<unsubscribe_done> messenger::unsubscribe_outcome(
    std::vector<std::string> filters, properties props, std::stop_token cancel) {
    return begin_unsubscribe(
        client(), std::move(filters), std::move(props), std::move(cancel), whole<unsubscribe_done>);
}

operation<message_received> messenger::request(
    outgoing message, std::chrono::milliseconds timeout, std::stop_token cancel) {
    core_->begin_receiving();
    const auto one = core_->watched<message_received>(std::move(cancel));
    client().request(std::move(message), timeout, [one](const request_done& d) {
        (void)one->complete(
            d.failed ? result<message_received>{d.failed} : result<message_received>{d.response});
    });
    return operation<message_received>{one};
}

operation<duration> messenger::ping(std::stop_token cancel) {
    const auto one = core_->watched<duration>(std::move(cancel));
    client().ping([one](const ping_done& d) {
        (void)one->complete(d.failed ? result<duration>{d.failed} : result<duration>{d.round_trip});
    });
    return operation<duration>{one};
}

operation<void> messenger::reauthenticate(std::stop_token cancel) {
    const auto one = core_->watched<void>(std::move(cancel));
    client().reauthenticate([one](const reauthenticate_done& d) {
        (void)one->complete(d.failed ? result<void>{d.failed} : result<void>{});
    });
    return operation<void>{one};
}

operation<incoming> messenger::receive(std::stop_token cancel) {
    return core_->receive(std::move(cancel));
}

std::optional<incoming> messenger::try_receive() {
    return core_->try_receive();
}

void messenger::receive_each(std::function<void(incoming&)> handler) {
    core_->receive_each(std::move(handler));
}

client_status messenger::status() const noexcept {
    return core_->client().status();
}

std::uint64_t messenger::log_lines_left_out() const noexcept {
    return core_->log_lines_left_out();
}

mqtt::client& messenger::client() noexcept {
    return core_->client();
}

} // namespace weir::mqtt
