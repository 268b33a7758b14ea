#pragma once

#include "sqlite_store.hpp"

#include <weir/sinks/sink.hpp>

#include <mutex>

namespace weir::sinks {

/// One connection behind a mutex: SQLite has one writer at a time whatever the number of connections, and
/// waiting at a mutex is cheaper and fairer than waiting at a file lock.
class sqlite_sink final : public sink, private connector::receipts {
  public:
    explicit sqlite_sink(sqlite_options o)
        : store_(std::move(o)) {}

    void write(std::span<message> messages) override;

    [[nodiscard]] connector::receipts* receipts() noexcept override { return this; }

  private:
    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override;
    void reset(std::string_view client_id) override;

    std::mutex mutex_;
    sqlite_store store_;
};

} // namespace weir::sinks
