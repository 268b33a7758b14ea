#include "client_subject.hpp"

#include <utility>

namespace weir::conformance {
namespace {

using mqtt::testing::broker_connection;
using mqtt::testing::script_failure;

constexpr std::chrono::seconds patience{5};

} // namespace

template <class Change>
void client_subject::note(Change&& change) {
    const std::lock_guard lock{mutex_};
    change();
    changed_.notify_all();
}

auto client_subject::file(int operation) {
    return [this, operation](const error& failed) {
        note([&] { seen_.outcomes[operation] = {failed, {}, {}}; });
    };
}

std::string client_subject::with_addresses(std::string text) {
    for (const int server : {1, 2})
        if (text == "<server " + std::to_string(server) + ">") return address(server);
    return text;
}

mqtt::client_options client_subject::towards_here() {
    auto options = setup_.options;
    if (options.hosts.empty()) options.host = address(1);
    for (auto& host : options.hosts)
        host = with_addresses(host);
    if (setup_.store) options.store_from = [disk = disk_] { return std::make_unique<memory_store>(disk); };
    options.backoff_min = milliseconds{1};
    options.backoff_max = milliseconds{10};
    return options;
}

client_subject::client_subject(const setup& s)
    : setup_(s) {
    begin();
}

client_subject::~client_subject() {
    end();
}

void client_subject::begin() {
    client_ =
        std::make_unique<mqtt::client>(lane_, towards_here(), static_cast<mqtt::client_observer&>(*this));
    client_->demand(setup_.demand);
    client_->start();
}

void client_subject::end() {
    let_handler_return();
    if (stopping_.joinable()) connection_.reset();
    client_->abort(); // before the connection goes, lest it comes again
    connection_.reset();
    if (stopping_.joinable()) stopping_.join();
    client_.reset();
}

void client_subject::restart() {
    end();
    begin();
}

std::string client_subject::address(int server) {
    return "127.0.0.1:" + std::to_string(servers_.at(static_cast<std::size_t>(server - 1)).port);
}

std::string client_subject::open(int server) {
    auto& listener = servers_.at(static_cast<std::size_t>(server - 1));
    auto fd = mqtt::testing::accept_one(listener.fd.get(), clock::now() + patience, stop_);
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
    const auto done = [this, operation](const mqtt::publish_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, {d.code}, {}}; });
    };
    client_->publish(
        std::move(message), done, {}, [this] { note([this] { seen_.events.emplace_back("stored"); }); });
}

void client_subject::subscribe(std::vector<mqtt::subscription> list, mqtt::properties props, int operation) {
    const auto done = [this, operation](const mqtt::subscribe_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, d.codes, {}}; });
    };
    client_->subscribe(std::move(list), done, std::move(props));
}

void client_subject::unsubscribe(std::vector<std::string> filters, int operation) {
    client_->unsubscribe(std::move(filters), [this, operation](const mqtt::unsubscribe_done& d) {
        note([&] { seen_.outcomes[operation] = {d.failed, d.codes, {}}; });
    });
}

void client_subject::ping(int operation) {
    client_->ping([done = file(operation)](const mqtt::ping_done& d) { done(d.failed); });
}

void client_subject::reauthenticate(int operation) {
    client_->reauthenticate([done = file(operation)](const mqtt::reauthenticate_done& d) { done(d.failed); });
}

void client_subject::request(mqtt::outgoing message, milliseconds timeout, int operation) {
    client_->request(std::move(message), timeout, [this, operation](const mqtt::request_done& d) {
        note([&] {
            seen_.outcomes[operation] = {d.failed, {}, std::string{d.response.received.payload.text()}};
        });
    });
}

void client_subject::acknowledge(const mqtt::ack_outcome& outcome) {
    client_->acknowledge({&outcome, 1});
}

void client_subject::answer(
    const mqtt::ack_token& token, mqtt::reason_code code, mqtt::properties props, int operation) {
    client_->acknowledge(token, code, std::move(props), file(operation));
}

void client_subject::send_ack(const mqtt::ack& packet, int operation) {
    client_->send_ack(packet, file(operation));
}

void client_subject::release(std::uint64_t request) {
    client_->release(request);
}

void client_subject::demand(std::size_t messages) {
    client_->demand(messages);
}

void client_subject::pause() {
    client_->pause();
}

void client_subject::resume() {
    client_->resume();
}

void client_subject::disconnect(mqtt::reason_code code, mqtt::properties props) {
    stopping_ = std::thread{[this, code, props = std::move(props)] { client_->stop(code, props); }};
}

void client_subject::abort() {
    client_->abort();
    if (const auto got = connection_->next(clock::now() + patience))
        throw failure{"expected the end, got " + got->describe()};
    connection_.reset();
}

void client_subject::let_handler_return() {
    note([this] { handler_returns_ = true; });
}

std::vector<mqtt::granted_subscription> client_subject::subscriptions() {
    return client_->subscriptions();
}

bool client_subject::observe(const std::function<bool(const observations&)>& holds) {
    // What is asked about may also be a copy that the client makes when it has told everything.
    constexpr milliseconds glance{20};
    const auto until = clock::now() + patience;
    std::unique_lock lock{mutex_};
    while (!changed_.wait_for(lock, glance, [&] { return holds(seen_); }))
        if (clock::now() >= until) return false;
    return true;
}

void client_subject::on_connected(const mqtt::connected& info, const std::string&, duration) {
    note([&] {
        seen_.connections.push_back(info);
        seen_.life.emplace_back("up");
    });
}

void client_subject::on_down(const mqtt::connection_down& info) {
    note([&] {
        seen_.ends.push_back(info.reason);
        seen_.life.emplace_back("down");
    });
}

void client_subject::on_attempt_failed(const mqtt::connection_down& info) {
    note([&] {
        seen_.ends.push_back(info.reason);
        seen_.life.emplace_back("failed");
    });
}

void client_subject::on_messages(std::span<mqtt::message_received> messages) {
    note([&] { seen_.messages.insert(seen_.messages.end(), messages.begin(), messages.end()); });
    if (setup_.handler == handler_kind::throws) throw failure{"the handler of this case"};
    if (setup_.handler != handler_kind::blocks) return;
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return std::exchange(handler_returns_, false); });
}

void client_subject::on_event(const mqtt::event& e) {
    if (const auto* asked = std::get_if<mqtt::release_requested>(&e))
        return note([&] { seen_.releases.push_back(asked->request); });
    if (const auto name = name_of(e); !name.empty()) note([&] { seen_.events.push_back(name); });
}

void client_subject::on_gave_up(const error&) {
    note([&] {
        seen_.events.push_back("gave_up");
        seen_.life.emplace_back("gave_up");
    });
}

void client_subject::on_callback_error(const std::string&) noexcept {
    note([&] { seen_.events.push_back("callback_error"); });
}

} // namespace weir::conformance
