#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/batch_mode.hpp>

#include <cstdint>

namespace weir::pipeline {

/// One message as a source hands it over.
template <class Raw>
struct entry {
    Raw value;
    std::uint64_t token{0};            ///< comes back in the message's settlement
    std::uint32_t attempt{1};          ///< how often the source has brought it, from 1
    time_point accepted_at{};          ///< when the source received it
    bool windowed{true};               ///< counts against the source's `window()` until it is settled
    batch_mode mode{batch_mode::bulk}; ///< how it starts out; callbacks may change it
    acknowledger* owner{nullptr};      ///< who learns its outcome, and lives until then; null: the producer
};

} // namespace weir::pipeline
