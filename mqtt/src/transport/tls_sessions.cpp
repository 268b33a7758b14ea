#include "transport/tls_sessions.hpp"

#include <algorithm>
#include <utility>

namespace weir::mqtt {

ssl_session_ptr tls_session_cache::take(const std::string& server, const std::string& fingerprint) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.server == server; });
    if (found == entries_.end()) return {};
    auto e = std::move(*found);
    entries_.erase(found);
    return e.fingerprint == fingerprint ? std::move(e.session) : ssl_session_ptr{};
}

void tls_session_cache::keep(
    const std::string& server, const std::string& fingerprint, ssl_session_ptr session) {
    std::erase_if(entries_, [&](const auto& e) { return e.server == server; });
    if (entries_.size() == most_entries) entries_.erase(entries_.begin());
    entries_.push_back({server, fingerprint, std::move(session)});
}

std::shared_ptr<tls_session_cache> make_tls_session_cache() {
    return std::make_shared<tls_session_cache>();
}

} // namespace weir::mqtt
