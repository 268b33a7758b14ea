#include "simulator/publisher.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace weir::demo {
namespace {

/// The fleet does not stop when the broker is away for a while: what it reports meanwhile waits here.
constexpr std::size_t waiting_messages = 200'000;
constexpr std::size_t waiting_bytes = 256u << 20;
constexpr std::uint16_t window = 1'000;
constexpr std::uint32_t session_seconds = 3'600;

mqtt::client_options client_options_for(const publisher_options& o, std::size_t index) {
    mqtt::client_options c;
    c.host = o.host;
    c.port = o.port;
    c.proto_ver = o.version;
    c.clientid = fmt::format("fleet-sim-{}-{}", getpid(), index);
    if (o.version == mqtt::protocol_version::v5) c.session_expiry = session_seconds;
    c.max_inflight = window;
    c.send_queue_messages = waiting_messages;
    c.send_queue_bytes = waiting_bytes;
    c.backoff_min = std::chrono::milliseconds{100};
    c.backoff_max = std::chrono::milliseconds{1'000};
    return c;
}

} // namespace

struct publisher::connection final : mqtt::client_observer {
    connection(publisher& p, const publisher_options& o, std::size_t index)
        : owner(p)
        , client(p.lane_, client_options_for(o, index), *this) {}

    void on_connected(const mqtt::connected&, const std::string&, duration) override { owner.on_connected(); }

    publisher& owner;
    mqtt::client client;
};

publisher::publisher(const publisher_options& options, ledger_writer& ledger)
    : options_(options)
    , ledger_(ledger) {
    for (std::size_t i = 0; i < options.connections; ++i)
        connections_.push_back(std::make_unique<connection>(*this, options, i));
}

publisher::~publisher() {
    for (const auto& c : connections_)
        c->client.stop();
}

bool publisher::connect(std::chrono::milliseconds limit) {
    for (const auto& c : connections_)
        c->client.start();
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return counts_.connects >= connections_.size(); });
}

void publisher::publish(const report& r) {
    const ledger_entry entry{.id = r.id, .published = clock::now()};
    {
        const std::lock_guard lock(mutex_);
        ++counts_.published;
    }
    mqtt::outgoing message{
        .topic = bytes::copy(r.topic), .payload = bytes::copy(r.payload), .qos = options_.qos};
    connections_[r.vehicle_index % connections_.size()]->client.publish(
        std::move(message), [this, entry](const mqtt::publish_done& done) { on_done(entry, done.failed); });
}

void publisher::on_connected() {
    const std::lock_guard lock(mutex_);
    ++counts_.connects;
    changed_.notify_all();
}

void publisher::on_done(const ledger_entry& entry, const error& failed) {
    if (!failed) ledger_.add(entry);
    const std::lock_guard lock(mutex_);
    ++(failed ? counts_.refused : counts_.confirmed);
    if (counts_.outstanding() == 0) changed_.notify_all();
}

bool publisher::wait_confirmed(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return counts_.outstanding() == 0; });
}

publisher_counts publisher::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

} // namespace weir::demo
