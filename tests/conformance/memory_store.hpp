#pragma once

#include "unit/store_driver.hpp"

#include <weir/mqtt/store/session_store.hpp>

#include <memory>
#include <mutex>
#include <span>
#include <utility>

namespace weir::conformance {

/// What a client leaves behind for the one that a case starts in its place.
struct shared_disk {
    std::mutex mutex;
    mqtt::test::virtual_disk disk;
};

class memory_store final : public mqtt::session_store {
  public:
    explicit memory_store(std::shared_ptr<shared_disk> shared)
        : shared_(std::move(shared)) {}

    result<mqtt::store_content> open() override {
        const std::lock_guard lock{shared_->mutex};
        return shared_->disk.content();
    }

    result<mqtt::store_usage> write(std::span<const mqtt::store_change> changes) override {
        const std::lock_guard lock{shared_->mutex};
        shared_->disk.apply({changes.begin(), changes.end()});
        return mqtt::store_usage{shared_->disk.bytes(), shared_->disk.records.size()};
    }

    void close() noexcept override {}

  private:
    std::shared_ptr<shared_disk> shared_;
};

} // namespace weir::conformance
