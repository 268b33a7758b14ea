// What the topology does for its sources.

#include "engine/settler.hpp"
#include "readable_name.hpp"
#include "topology.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events.hpp>

#include <string>

namespace weir::pipeline {
namespace {

/// Spreads consecutive numbers over the whole range: as good as random for a choice, and no thread has to
/// keep a generator.
std::uint64_t scattered(std::uint64_t n) noexcept {
    n = (n + 1) * 0x9e3779b97f4a7c15U;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9U;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebU;
    return n ^ (n >> 31);
}

} // namespace

void topology::accepted(engine::source& from, std::size_t count, std::size_t windowed) noexcept {
    ledger_.accepted(source_lane(from), from.index(), count, windowed);
    control_.bus->emit<messages_accepted>([&] {
        return messages_accepted{options_.name, from.index(), count};
    });
}

std::size_t topology::chunk_length(std::size_t count) const noexcept {
    return queue_->chunk_length(count);
}

void topology::push(std::unique_ptr<engine::raw_run> chunk) noexcept {
    queue_->push(std::move(chunk));
}

void topology::pushed() noexcept {
    queue_->pushed();
}

void topology::abandon(
    engine::source& from, std::span<const engine::obligation> lost, std::string_view reason) {
    engine::settler settler{control_, ledger_, source_lane(from), engine::settler::verdicts::none};
    settler.add_all(lost, outcome::abandoned, reason);
    settler.flush();
    ledger_.passed(source_lane(from), lost.size());
    control_.bus->emit<buffer_overflow>([&] {
        return buffer_overflow{options_.name, from.index(), lost.size(), reason, options_.overflow.policy};
    });
    report_lost(from.index(), lost.size(), reason);
}

/// At most one line a second, with all that were lost since the one before.
void topology::report_lost(std::size_t producer, std::size_t count, std::string_view reason) {
    const auto now = time_.now().time_since_epoch();
    lost_unlogged_.fetch_add(count);
    auto last = lost_logged_.load();
    if (last != 0 && now - duration{last} < std::chrono::seconds{1}) return;
    if (!lost_logged_.compare_exchange_strong(last, now.count())) return;
    log(log_level::warning,
        "pipeline " + options_.name + " abandoned " + std::to_string(lost_unlogged_.exchange(0)) +
            " messages, the last of producer " + std::to_string(producer) + ": " + std::string{reason});
}

result<std::size_t> topology::push(const std::type_info& type, void* entries, std::size_t count) {
    auto& chosen = *parts_.sources[scattered(next_push_.fetch_add(1)) % parts_.sources.size()];
    if (type != chosen.entry_type())
        return error{
            errc::wrong_entry_type, "\"" + options_.name + "\" takes " + readable_name(chosen.entry_type()) +
                                        ", got " + readable_name(type)};
    if (conductor_.state() == state::running)
        if (const auto accepted = chosen.push(entries, count, time_.now())) return *accepted;
    return error{errc::not_running, "push to \"" + options_.name + "\""};
}

void topology::drained(engine::source& which) noexcept {
    which.cut_off();
    if (which.mark_drained()) sources_drained_.fetch_add(1);
    control_.progress.raise();
}

void topology::failed(engine::source& which, const error& reason) noexcept {
    const error cause = reason ? reason : error{make_error_code(errc::producer_failed)};
    log(log_level::error, "producer " + std::to_string(which.index()) + " of pipeline " + options_.name +
                              " failed: " + cause.message());
    conductor_.request(options_.shutdown, cause);
}

void topology::stopped(engine::source& which, const error& reason, std::optional<duration> restart_after) {
    if (sources_drain_.load()) return drained(which);
    restarter_.failed(which, reason, restart_after);
}

void topology::finished(engine::source& which) noexcept {
    which.cut_off();
    which.finish();
    if (!which.mark_drained()) return;
    sources_drained_.fetch_add(1);
    control_.bus->emit<producer_finished>([&] { return producer_finished{options_.name, which.index()}; });
    if (sources_finished_.fetch_add(1) + 1 == parts_.sources.size()) conductor_.request_end();
    control_.progress.raise();
}

void topology::told_to_pause(engine::source& which, bool paused) {
    if (paused)
        control_.bus->emit<producer_paused>([&] { return producer_paused{options_.name, which.index()}; });
    else
        control_.bus->emit<producer_resumed>([&] { return producer_resumed{options_.name, which.index()}; });
}

} // namespace weir::pipeline
