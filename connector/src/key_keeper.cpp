#include "key_keeper.hpp"

#include <weir/base/log.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace weir::connector {

namespace {

using std::chrono::milliseconds;

milliseconds since_1970(system_time_point t) {
    return std::chrono::duration_cast<milliseconds>(t.time_since_epoch());
}

/// To the store it is the id of something received, like any other.
mqtt::store_change change(std::uint64_t number, std::string_view key = {}, milliseconds received = {}) {
    mqtt::store_change c{.record = {.what = mqtt::stored_record::kind::received_id, .key = number}};
    c.erase = key.empty();
    if (c.erase) return c;
    c.record.head = bytes::copy(key);
    c.record.payload = bytes::copy(std::to_string(received.count()));
    return c;
}

milliseconds received_of(const mqtt::stored_record& r) {
    const auto text = r.payload.text();
    milliseconds::rep value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return milliseconds{value};
}

} // namespace

key_keeper::key_keeper(
    const producer_context& context, std::unique_ptr<mqtt::session_store> store, on_kept acknowledge)
    : context_(context)
    , store_(std::move(store))
    , acknowledge_(std::move(acknowledge))
    , entries_(context.options.idempotency_key.entries)
    , ttl_(context.options.idempotency_key.ttl)
    , most_(entries_)
    , worker_(context, "idempotency keys", [this](const work& w) { carry_out(w); }) {}

void key_keeper::open(on_opened done) {
    worker_.gather([&](work& w) { w.opened = std::move(done); });
}

void key_keeper::keep(std::vector<done_key> keys, std::span<const mqtt::ack_outcome> acks) {
    if (keys.empty() && acks.empty()) return;
    worker_.gather([&](work& w) {
        for (auto& k : keys) {
            if (w.keys.size() == entries_) w.keys.pop_front();
            w.keys.push_back(std::move(k));
        }
        w.acks.insert(w.acks.end(), acks.begin(), acks.end());
    });
}

void key_keeper::stop(time_point deadline) {
    if (worker_.stop(deadline)) store_->close();
}

/// Called again when the store has failed: nothing of it has happened then.
void key_keeper::carry_out(const work& w) {
    if (w.opened) w.opened(read());
    if (!w.keys.empty()) write(w.keys);
    if (!w.acks.empty()) acknowledge_(w.acks);
}

result<std::vector<kept_key>> key_keeper::read() {
    const auto content = store_->open();
    if (!content) return content.error();
    for (const auto& text : content->warnings)
        log(log_level::warning, context_.log_prefix() + "idempotency keys: " + text);
    std::vector<kept_key> keys;
    for (const auto& r : content->records) {
        stored_.push_back({.number = r.key, .received = received_of(r)});
        next_ = r.key + 1;
        const auto age =
            std::max(now() - stored_.back().received, milliseconds{0}); // a clock may be set back
        if (age < ttl_) keys.push_back({.key = std::string(r.head.text()), .age = age});
    }
    return keys;
}

/// What goes comes first in the transaction: the store may be full.
void key_keeper::write(const std::deque<done_key>& keys) {
    std::vector<mqtt::store_change> changes;
    const auto gone = superfluous(keys.size());
    for (std::size_t i = 0; i < gone; ++i)
        changes.push_back(change(stored_[i].number));
    auto number = next_;
    for (const auto& k : keys)
        changes.push_back(change(number++, k.key, since_1970(k.received)));
    if (const auto outcome = store_->write(changes); !outcome) {
        if (outcome.error().code == mqtt::errc::store_full) most_ = stored_.size() / 2 + keys.size();
        throw std::runtime_error(outcome.error().message());
    }
    stored_.erase(stored_.begin(), stored_.begin() + static_cast<std::ptrdiff_t>(gone));
    for (const auto& k : keys)
        stored_.push_back({.number = next_++, .received = since_1970(k.received)});
    most_ = entries_;
}

/// How many of the oldest go when that many come.
std::size_t key_keeper::superfluous(std::size_t more) const {
    const auto all = stored_.size() + more;
    auto count = std::min(stored_.size(), all - std::min(all, most_));
    while (count < stored_.size() && now() - stored_[count].received >= ttl_)
        ++count;
    return count;
}

milliseconds key_keeper::now() const {
    return since_1970(context_.time.system_now());
}

/// Beside the session's store, which is the client's.
std::unique_ptr<key_keeper> make_key_keeper(
    const producer_context& context, key_keeper::on_kept acknowledge) {
    const auto& o = context.options;
    auto where = client_options(o, context.index).store;
    if (!has_key(o.idempotency_key) || o.idempotency_key.entries == 0 || where.path.empty()) return nullptr;
    where.path += "/keys";
    return std::make_unique<key_keeper>(context, mqtt::make_sqlite_store(where), std::move(acknowledge));
}

} // namespace weir::connector
