#include "event_queue.hpp"

#include <weir/base/text.hpp>

#include <chrono>
#include <utility>

namespace weir::tool {

namespace {

json_value event_object(std::string_view name, const std::string& client) {
    json_value out{{"event", std::string(name)}};
    if (!client.empty()) out["client"] = client;
    out["at"] = to_iso8601(std::chrono::system_clock::now());
    return out;
}

} // namespace

void event_queue::tell(std::string_view name, const std::string& client, const json_value& more) {
    auto object = event_object(name, client);
    object.update(more);
    {
        const std::lock_guard lock(mutex_);
        if (entries_.size() < most) {
            entries_.push_back({client, std::move(object)});
        } else {
            ++lost_;
        }
    }
    wake_();
}

std::vector<event_queue::entry> event_queue::take() {
    const std::lock_guard lock(mutex_);
    auto out = std::exchange(entries_, {});
    if (const auto lost = std::exchange(lost_, 0); lost > 0) {
        auto object = event_object("events_lost", {});
        object["count"] = lost;
        out.push_back({{}, std::move(object)});
    }
    return out;
}

} // namespace weir::tool
