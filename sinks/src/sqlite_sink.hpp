#pragma once

#include "sqlite_store.hpp"

#include <weir/sinks/sink.hpp>

#include <mutex>

namespace weir::sinks {

/// One connection behind a mutex: SQLite has one writer at a time whatever the number of connections, and
/// waiting at a mutex is cheaper and fairer than waiting at a file lock.
class sqlite_sink final : public sink {
  public:
    explicit sqlite_sink(sqlite_options o)
        : store_(std::move(o)) {}

    void write(std::span<message> messages) override;

  private:
    std::mutex mutex_;
    sqlite_store store_;
};

} // namespace weir::sinks
