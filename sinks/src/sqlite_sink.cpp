#include "sqlite_sink.hpp"

#include <vector>

namespace weir::sinks {

void sqlite_sink::write(std::span<message> messages) {
    std::vector<row> rows;
    std::vector<message*> origins; // of the rows, index by index
    rows.reserve(messages.size());
    origins.reserve(messages.size());
    for (auto& m : messages) {
        if (m.failed()) continue;
        rows.push_back(to_row(to_record(m)));
        if (!keeps_tokens_) rows.back().facts.token.reset(); // nobody would release it
        origins.push_back(&m);
    }
    if (rows.empty()) return;
    const std::lock_guard lock(mutex_);
    for (auto& refused : store_.insert(rows))
        origins[refused.index]->fail(std::move(refused.reason));
}

void sqlite_sink::release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) {
    const std::lock_guard lock(mutex_);
    store_.release(client_id, packet_ids);
}

void sqlite_sink::reset(std::string_view client_id) {
    const std::lock_guard lock(mutex_);
    store_.reset(client_id);
}

connector::delivery_tokens* sqlite_sink::keep_tokens() {
    keeps_tokens_ = true;
    return this;
}

void sqlite_sink::release(std::string_view store, std::span<const std::uint64_t> numbers) {
    const std::lock_guard lock(mutex_);
    store_.release(store, numbers);
}

void sqlite_sink::reset(std::string_view store, std::uint64_t first) {
    const std::lock_guard lock(mutex_);
    store_.reset(store, first);
}

} // namespace weir::sinks
