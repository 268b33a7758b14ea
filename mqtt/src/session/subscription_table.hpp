#pragma once

#include "session/journal.hpp"

#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::mqtt {

/// The filters the server granted, with what was asked for them. They are subscribed again when the server
/// has forgotten the session; one it then refuses stays here for the next time, but is listed no more.
class subscription_table {
  public:
    /// `kept` outlives it.
    explicit subscription_table(journal& kept)
        : journal_(kept) {}

    /// One that an earlier process made.
    void restore(std::uint64_t key, granted_subscription granted);

    /// Enters those of `asked` that `codes` grants. A refusal leaves an older subscription to the same filter
    /// as it is, here as at the server.
    void answered(
        std::span<const subscription> asked, std::span<const reason_code> codes, const properties& props);

    void removed(const std::string& filter);

    /// The server has forgotten the session: none is in force until granted again.
    void session_lost();

    /// Filters in force.
    [[nodiscard]] std::vector<granted_subscription> list() const;

    /// One SUBSCRIBE for each Subscription Identifier in use; ids are left for the sender to fill in.
    [[nodiscard]] std::vector<subscribe> resubscriptions(const std::set<std::string_view>& but = {}) const;

    [[nodiscard]] bool empty() const noexcept { return table_.empty(); }

  private:
    struct row {
        granted_subscription granted{};
        bool in_force{false};
        std::uint64_t key{0}; ///< in the store
    };

    journal& journal_;
    std::uint64_t next_key_{1};

    std::map<std::string, row> table_; ///< ordered, so that a resubscription is the same every time
};

} // namespace weir::mqtt
