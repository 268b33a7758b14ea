#pragma once

#include <weir/mqtt/types/protocol_version.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connector {

struct inbound_record;

/// Acknowledging on the application's own account, for as long as there is a producer to do it.
class late_acks {
  public:
    using sink = std::function<void(const inbound_record&)>;

    void open(sink s) {
        const std::lock_guard lock(mutex_);
        sink_ = std::move(s);
    }

    void acknowledge(const inbound_record& message) const {
        const std::lock_guard lock(mutex_);
        if (sink_) sink_(message);
    }

    /// Nothing reaches the sink any more when this returns.
    void close() { open(nullptr); }

  private:
    mutable std::mutex mutex_;
    sink sink_;
};

/// What all messages of one producer have in common.
struct record_origin {
    std::string client_id{};
    std::size_t producer_index{0};
    std::string shared_group{};
    std::vector<std::string> filters{};

    /// The first of them that selects `topic`; empty when none does.
    [[nodiscard]] std::string_view matched_filter(std::string_view topic) const noexcept;

    late_acks acks{};
    std::string store{}; ///< the name of the session store; set once, before a message comes from there
    bool wants_receipts{false};
    /// In force: `config.proto_fallback` may lower it.
    std::atomic<mqtt::protocol_version> version{mqtt::protocol_version::v5};
    std::atomic<std::uint64_t> session{0}; ///< counts the sessions that the broker began for this producer
};

} // namespace weir::connector
