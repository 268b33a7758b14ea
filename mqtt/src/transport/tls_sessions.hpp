#pragma once

#include "transport/openssl_ptr.hpp"

#include <weir/mqtt/transport/tls.hpp>

#include <string>
#include <vector>

namespace weir::mqtt {

/// Keeps the newest session of each server, for one use: a ticket used twice lets an onlooker see that two
/// connections are the same client's.
class tls_session_cache {
  public:
    /// The session to take up, null when there is none that stands on the same certificates. `server` is host
    /// and port.
    [[nodiscard]] ssl_session_ptr take(const std::string& server, const std::string& fingerprint);
    void keep(const std::string& server, const std::string& fingerprint, ssl_session_ptr session);

  private:
    struct entry {
        std::string server;
        std::string fingerprint;
        ssl_session_ptr session;
    };

    /// More servers than a client goes round; the oldest makes room.
    static constexpr std::size_t most_entries = 16;

    std::vector<entry> entries_;
};

} // namespace weir::mqtt
