#include <weir/pipeline/caller_acknowledger.hpp>

#include <algorithm>

namespace weir::pipeline {

std::size_t ack_report::count(outcome o) const noexcept {
    const auto is_one = [o](const ending& e) { return e.result == o; };
    return static_cast<std::size_t>(std::count_if(endings.begin(), endings.end(), is_one));
}

ack_report make_report(std::uint64_t reference, std::span<const settlement> settlements) {
    ack_report report{.reference = reference};
    for (const auto& s : settlements)
        report.endings.push_back({s.token, s.result, std::string{s.reason}});
    return report;
}

} // namespace weir::pipeline
