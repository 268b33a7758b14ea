#pragma once

#include "session/outbox.hpp"

#include <weir/mqtt/session/event.hpp>

#include <cstdint>
#include <map>

namespace weir::mqtt {

/// PUBRELs whose PUBCOMP waits for the application (option `confirm_release`). At most one for each packet
/// id; a PUBREL that is sent again, on this connection or the next, meets the request that is under way.
class held_releases {
  public:
    /// A PUBREL came, to be answered with `code`.
    void received(std::uint16_t packet_id, std::uint64_t delivery, reason_code code, events& ev) {
        auto& one = held_[packet_id];
        one.live = true;
        if (one.request != 0) return;
        one.request = next_++ << id_bits | packet_id;
        one.code = code;
        ev.emplace_back(release_requested{one.request, delivery, packet_id});
    }

    /// The application is done: PUBCOMP, unless the PUBREL came on a connection that is gone. Then the server
    /// sends it again.
    void release(std::uint64_t request, outbox& out) {
        const auto found = held_.find(static_cast<std::uint16_t>(request));
        if (found == held_.end() || found->second.request != request) return;
        if (found->second.live) {
            ack a;
            a.type = ack_type::pubcomp;
            a.packet_id = found->first;
            a.code = found->second.code;
            out.send(a);
        }
        held_.erase(found);
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
        reason_code code{reason_code::success};
        bool live{false}; ///< its PUBREL came on this connection
    };

    std::map<std::uint16_t, release_under_way> held_;
    std::uint64_t next_{1};
};

} // namespace weir::mqtt
