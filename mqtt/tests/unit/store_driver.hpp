#pragma once

#include "unit/session_driver.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::mqtt::test {

/// What outlives a session object: the records of a store.
struct virtual_disk {
    std::string uuid{"00000000-0000-4000-8000-000000000001"};
    std::map<std::pair<stored_record::kind, std::uint64_t>, stored_record> records{};

    void apply(const std::vector<store_change>& changes) {
        for (const auto& c : changes)
            if (c.erase)
                records.erase({c.record.what, c.record.key});
            else
                records[{c.record.what, c.record.key}] = c.record;
    }

    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& [id, r] : records)
            sum += r.head.size() + r.payload.size() + 64;
        return sum;
    }

    [[nodiscard]] store_content content() const {
        store_content c;
        c.uuid = uuid;
        for (const auto& [id, r] : records)
            c.records.push_back(r);
        c.bytes = bytes();
        return c;
    }

    [[nodiscard]] std::size_t count(stored_record::kind k) const {
        return static_cast<std::size_t>(
            std::count_if(records.begin(), records.end(), [k](const auto& r) { return r.first.first == k; }));
    }
};

inline client_options with_store(client_options o) {
    o.store.path = "virtual";
    return o;
}

/// A session with a store that is written when the test says so. Another one over the same disk is the
/// process after a crash.
class store_driver : public session_driver {
  public:
    static constexpr std::chrono::milliseconds today{1'700'000'000'000};

    explicit store_driver(virtual_disk& d, client_options o = lasting(), std::chrono::milliseconds at = today)
        : session_driver(with_store(std::move(o)))
        , disk_(d) {
        const auto fault = client.restore(d.content(), now, at, happened);
        EXPECT_FALSE(fault.code) << fault.message();
    }

    /// One batch becomes durable; false when there was none.
    bool flush_once() {
        const auto batch = client.take_changes(now);
        if (!batch) return false;
        disk_.apply(*batch);
        client.stored({disk_.bytes(), disk_.records.size()}, now, happened);
        return true;
    }

    void flush() {
        while (flush_once()) {
        }
    }

    /// The next batch cannot be written.
    bool fail(error why) {
        const auto batch = client.take_changes(now);
        if (batch) client.store_failed(why, now, happened);
        return batch != nullptr;
    }

    connect come_up(bool session_present) {
        auto c = accept(session_present);
        flush();
        forget();
        return c;
    }

    result<operation_id> publish(qos level, std::string_view payload) {
        return client.publish(to_publish(level, payload), now, happened);
    }

  private:
    virtual_disk& disk_;
};

// -- what came, in short

inline std::vector<std::string> payloads(const std::vector<packet>& list) {
    std::vector<std::string> all;
    for (const auto& p : list)
        if (const auto* one = std::get_if<publish>(&p)) all.emplace_back(one->payload.text());
    return all;
}

inline std::vector<std::string> received(const session_driver& d) {
    std::vector<std::string> all;
    for (const auto& m : d.all<message_received>())
        all.emplace_back(m.received.payload.text());
    return all;
}

inline publish as_sent(const std::vector<packet>& list, std::size_t index) {
    return list.size() > index && std::holds_alternative<publish>(list[index])
               ? std::get<publish>(list[index])
               : publish{};
}

} // namespace weir::mqtt::test
