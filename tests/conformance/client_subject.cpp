#include "client_subject.hpp"

#include <limits>
#include <utility>

namespace weir::conformance {
namespace {

using mqtt::testing::broker_connection;
using mqtt::testing::script_failure;

constexpr std::chrono::seconds patience{5};

mqtt::client_options towards(std::uint16_t port, mqtt::client_options options) {
    options.host = "127.0.0.1";
    options.port = port;
    options.backoff_min = milliseconds{1};
    options.backoff_max = milliseconds{10};
    return options;
}

} // namespace

template <class Change>
void client_subject::note(Change&& change) {
    const std::lock_guard lock{mutex_};
    change();
    changed_.notify_all();
}

client_subject::client_subject(mqtt::client_options options)
    : client_(std::make_unique<mqtt::client>(
          lane_, towards(listener_.port, std::move(options)), static_cast<mqtt::client_observer&>(*this))) {
    client_->demand(std::numeric_limits<std::size_t>::max());
    client_->start();
}

client_subject::~client_subject() {
    connection_.reset();
    client_->abort();
    if (stopping_.joinable()) stopping_.join();
    client_.reset();
}

std::string client_subject::open() {
    auto fd = mqtt::testing::accept_one(listener_.fd.get(), clock::now() + patience, stop_);
    if (!fd) throw failure{"the client did not connect"};
    connection_.emplace(std::make_unique<broker_connection::socket>(std::move(*fd), stop_));
    note([&] { ends_before_ = seen_.ends.size(); });
    return next_packet();
}

void client_subject::send(const std::string& bytes) {
    connection_->send_raw(bytes);
}

std::string client_subject::next_packet() {
    const auto got = connection_->next(clock::now() + patience);
    if (!got) throw failure{"the client closed instead"};
    return got->raw;
}

void client_subject::silence(milliseconds how_long) {
    connection_->expect_nothing(how_long);
}

void client_subject::expect_end() {
    if (const auto got = connection_->next(clock::now() + patience))
        throw failure{"expected the end, got " + got->describe()};
    close();
}

void client_subject::close() {
    connection_.reset();
    if (!observe([this](const auto& o) { return o.ends.size() > ends_before_; }))
        throw failure{"the client did not report the end"};
}

void client_subject::publish(mqtt::outgoing message, int operation) {
    client_->publish(std::move(message), [this, operation](const mqtt::publish_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, {d.code}}; });
    });
}

void client_subject::subscribe(std::vector<mqtt::subscription> list, int operation) {
    client_->subscribe(std::move(list), [this, operation](const mqtt::subscribe_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, d.codes}; });
    });
}

void client_subject::unsubscribe(std::vector<std::string> filters, int operation) {
    client_->unsubscribe(std::move(filters), [this, operation](const mqtt::unsubscribe_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, d.codes}; });
    });
}

void client_subject::acknowledge(const mqtt::ack_outcome& outcome) {
    client_->acknowledge({&outcome, 1});
}

void client_subject::pause() {
    client_->pause();
}

void client_subject::resume() {
    client_->resume();
}

void client_subject::disconnect(mqtt::reason_code code) {
    stopping_ = std::thread{[this, code] { client_->stop(code); }};
}

bool client_subject::observe(const std::function<bool(const observations&)>& holds) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return holds(seen_); });
}

void client_subject::on_down(const mqtt::connection_down& info) {
    note([&] { seen_.ends.push_back(info.reason); });
}

void client_subject::on_attempt_failed(const mqtt::connection_down& info) {
    note([&] { seen_.ends.push_back(info.reason); });
}

void client_subject::on_messages(std::span<mqtt::message_received> messages) {
    note([&] { seen_.messages.insert(seen_.messages.end(), messages.begin(), messages.end()); });
}

void client_subject::on_event(const mqtt::event& e) {
    if (const auto name = name_of(e); !name.empty()) note([&] { seen_.events.push_back(name); });
}

} // namespace weir::conformance
