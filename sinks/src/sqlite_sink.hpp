#pragma once

#include "sqlite_store.hpp"

#include <weir/sinks/sink.hpp>

#include <mutex>

namespace weir::sinks {

/// One connection behind a mutex: SQLite has one writer at a time whatever the number of connections, and
/// waiting at a mutex is cheaper and fairer than waiting at a file lock.
class sqlite_sink final : public sink, private connector::receipts, private connector::delivery_tokens {
  public:
    explicit sqlite_sink(sqlite_options o)
        : store_(std::move(o)) {}

    void write(std::span<message> messages) override;

    [[nodiscard]] connector::receipts* receipts() noexcept override { return this; }

    [[nodiscard]] connector::delivery_tokens* keep_tokens() override;

  private:
    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override;
    void reset(std::string_view client_id) override;
    void release(std::string_view store, std::span<const std::uint64_t> numbers) override;
    void reset(std::string_view store, std::uint64_t first) override;

    std::mutex mutex_;
    sqlite_store store_;
    bool keeps_tokens_{false};
};

} // namespace weir::sinks
