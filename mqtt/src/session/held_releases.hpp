#pragma once

#include "session/journal.hpp"

#include <weir/mqtt/session/event.hpp>

#include <cstdint>
#include <map>
#include <optional>

namespace weir::mqtt {

/// PUBRELs whose PUBCOMP waits for the application (option `confirm_release`). At most one for each packet
/// id; a PUBREL that is sent again, on this connection or the next, meets the request that is under way.
class held_releases {
  public:
    /// A PUBCOMP that may leave as far as the application is concerned.
    struct pubcomp {
        std::uint16_t packet_id{0};
        reason_code code{reason_code::success};
        journal::mark erased{0}; ///< when the id is out of the store
    };

    /// A PUBREL came, to be answered with `code`.
    void received(const pubcomp& answer, std::uint64_t delivery, events& ev) {
        const auto packet_id = answer.packet_id;
        auto& one = held_[packet_id];
        one.live = true;
        if (one.request != 0) return;
        one.request = next_++ << id_bits | packet_id;
        one.answer = answer;
        ev.emplace_back(release_requested{one.request, delivery, packet_id});
    }

    /// The application is done: PUBCOMP, unless the PUBREL came on a connection that is gone. Then the server
    /// sends it again.
    [[nodiscard]] std::optional<pubcomp> release(std::uint64_t request) {
        const auto found = held_.find(static_cast<std::uint16_t>(request));
        if (found == held_.end() || found->second.request != request) return std::nullopt;
        const auto one = found->second;
        held_.erase(found);
        if (!one.live) return std::nullopt;
        return one.answer;
    }

    void connection_lost() noexcept {
        for (auto& [id, one] : held_)
            one.live = false;
    }

    void session_lost() noexcept { held_.clear(); }

  private:
    static constexpr unsigned id_bits = 16;

    struct release_under_way {
        std::uint64_t request{0};
        pubcomp answer{};
        bool live{false}; ///< its PUBREL came on this connection
    };

    std::map<std::uint16_t, release_under_way> held_;
    std::uint64_t next_{1};
};

} // namespace weir::mqtt
