#include "conductor/display.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace weir::demo {
namespace {

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string rate(std::uint64_t now, std::uint64_t before, double seconds) {
    if (seconds <= 0 || now < before) return "-";
    return grouped(static_cast<std::uint64_t>(std::llround(static_cast<double>(now - before) / seconds)));
}

std::string line(std::string_view name, const std::string& value, std::string_view note = {}) {
    return fmt::format("  {:<14}{:>14}{}{}\n", name, value, note.empty() ? "" : "   ", note);
}

std::string milliseconds(duration d) {
    return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(d).count());
}

} // namespace

live_table::live_table()
    : terminal_(isatty(STDOUT_FILENO) == 1) {}

void live_table::show(std::chrono::duration<double> elapsed, const live_counts& now) {
    constexpr const char* row = "{:>7}{:>12}{:>9}{:>12}{:>9}{:>14}{:>8}{:>13}{:>7}";
    if (!any_)
        fmt::print(
            "{}\n", fmt::format(
                        row, "time", "published", "/s", "stored", "/s", "acknowledged", "failed",
                        "redelivered", "kills"));
    const double since = elapsed.count() - shown_at_;
    const auto text = fmt::format(
        row, fmt::format("{:.0f} s", elapsed.count()), grouped(now.published),
        rate(now.published, shown_.published, since), grouped(now.stored),
        rate(now.stored, shown_.stored, since), grouped(now.acknowledged), grouped(now.failed),
        grouped(now.redelivered), now.kills);
    if (terminal_)
        fmt::print("\r{}\033[K", text);
    else
        fmt::print("{}\n", text);
    std::fflush(stdout);
    any_ = true;
    shown_at_ = elapsed.count();
    shown_ = now;
}

void live_table::finish() {
    if (terminal_ && any_) fmt::print("\n");
    any_ = false;
}

std::string closing_table(const closing_counts& c) {
    const auto by_consumer = c.killing ? "as far as the killed consumers could still tell" : "";
    std::string table = "\n";
    table += line("published", grouped(c.store.published), "confirmed by the broker");
    table += line("received", grouped(c.consumer["received"]), by_consumer);
    table += line("stored", grouped(c.store.stored), "rows in the database");
    table += line("acknowledged", grouped(c.consumer["acked"]), by_consumer);
    table += line("failed", grouped(c.consumer["failed"]));
    table += line("redelivered", grouped(c.consumer["redelivered"]));
    if (c.killing) table += line("kills", grouped(c.kills), "SIGKILL, then started again");
    table += line("lost", grouped(c.store.lost), "confirmed, but not in the database");
    table += line("duplicates", grouped(c.store.duplicates), "rows beyond the first of a message");
    table +=
        line("messages/s", grouped(static_cast<std::uint64_t>(std::llround(c.store.messages_per_second()))));
    table += line("latency p50", milliseconds(c.store.p50), "publish to commit, seen from outside");
    table += line("latency p99", milliseconds(c.store.p99));
    return table;
}

} // namespace weir::demo
