#pragma once

#include "inbound_record.hpp"

#include <weir/connector/inbound.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>

namespace weir::connector {

/// The messages of QoS 1 and 2 that went to the pipeline, in order, to find the oldest that has not ended.
/// Others end them without telling, so those that have ended are let go when they are met. Lane only.
class unfinished {
  public:
    void add(const inbound_record& record);

    /// A handle to the oldest; an empty one when there is none.
    [[nodiscard]] inbound oldest();

    /// As many as are kept track of, some of which may have ended.
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

  private:
    struct place {
        const inbound_record* record{nullptr};
        std::uint64_t message_no{0}; ///< the record may be another message's by now
    };

    [[nodiscard]] static bool has_ended(const place& p) noexcept;

    std::deque<place> list_;
    std::size_t tidy_at_{least_tidy};

    static constexpr std::size_t least_tidy = 1'024;
};

} // namespace weir::connector
