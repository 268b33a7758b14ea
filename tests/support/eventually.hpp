#pragma once

#include <chrono>
#include <thread>

namespace weir::testing {

/// Waits until `holds()`, asked every few milliseconds; false when `limit` has passed first.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds, std::chrono::milliseconds limit = std::chrono::seconds{60}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

} // namespace weir::testing
