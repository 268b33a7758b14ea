// A session and the store that outlives it.
#include "session/session_impl.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

using kind = stored_record::kind;

} // namespace

error session::impl::restore(const store_content& content, time_point now, wall_time today, events& ev) {
    auto read = read_state(content);
    if (!read) return read.error();
    stored_state& before = *read;
    if (!before.session.client_id.empty() && !options_.clientid.empty() &&
        before.session.client_id != options_.clientid)
        return {
            errc::store_mismatch,
            "it is the session of client id " + before.session.client_id + ", not " + options_.clientid};
    kept_ = std::move(before.session);
    for (auto& [key, granted] : before.subscriptions)
        table_.restore(key, std::move(granted));
    handshake_.restore(kept_.client_id, kept_.incarnation != 0);
    journal_.opened({content.bytes, content.records.size()});
    if (kept_.client_id.empty() && !options_.clientid.empty()) {
        kept_.client_id = options_.clientid;
        (void)journal_.put(kind::session, 0, kept_.head());
    }
    inbound_.restore(before, content.uuid, now, today, ev);
    outbound_.restore(std::move(before.outbound), now, today, ev);
    end_turn(now, ev);
    return {};
}

/// A server that has made a new session may use ids of the old one from its first message on. So what the
/// store has of the old one goes before anything is received.
void session::impl::note_session(const connected& info, bool fresh) {
    auto now_so = kept_;
    now_so.client_id = info.client_id;
    now_so.expiry = info.session_expiry;
    if (fresh || kept_.incarnation == 0) ++now_so.incarnation;
    if (now_so == kept_) return;
    kept_ = std::move(now_so);
    const auto mark = journal_.put(kind::session, 0, kept_.head());
    if (fresh) session_stored_ = mark;
}

void session::impl::stored(const store_usage& in_use, time_point now, events& ev) {
    if (journal_.failure().code) ev.emplace_back(store_trouble{});
    journal_.written(in_use);
    outbound_.tell_stored(ev);
    inbound_.tell_done(ev);
    if (phase_ == phase::connected) {
        outbound_.journal_moved(outbox_);
        inbound_.journal_moved(outbox_, ev);
    }
    if (takes_packets()) decode(now, ev);
    end_turn(now, ev);
}

void session::impl::store_failed(const error& why, time_point now, events& ev) {
    if (!journal_.failure().code) ev.emplace_back(store_trouble{why});
    const auto taken_back = journal_.failed(why, now);
    outbound_.store_failed(taken_back, why, ev);
    end_turn(now, ev);
}

} // namespace weir::mqtt
