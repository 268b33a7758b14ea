#include "codec/utf8.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>

namespace weir::mqtt {
namespace {

constexpr std::size_t max_length = 65'535;
constexpr std::string_view share_prefix = "$share/";

/// Cuts the first level off `rest`. A string has one level more than it has separators, so the end is told
/// apart from an empty level by `more`.
class levels {
  public:
    explicit levels(std::string_view text) noexcept
        : rest_(text) {}

    [[nodiscard]] bool more() const noexcept { return more_; }

    std::string_view next() noexcept {
        const auto slash = rest_.find('/');
        const auto level = rest_.substr(0, slash);
        more_ = slash != std::string_view::npos;
        rest_.remove_prefix(more_ ? slash + 1 : rest_.size());
        return level;
    }

  private:
    std::string_view rest_;
    bool more_{true};
};

bool starts_with_wildcard(std::string_view filter) noexcept {
    return !filter.empty() && (filter.front() == '+' || filter.front() == '#');
}

bool is_plain_filter(std::string_view filter) noexcept {
    if (filter.empty()) return false;
    for (levels l{filter}; l.more();) {
        const auto level = l.next();
        if (level == "+") continue;
        if (level == "#") return !l.more();
        if (level.find_first_of("+#") != std::string_view::npos) return false;
    }
    return true;
}

bool is_shared_filter(std::string_view filter) noexcept {
    const auto rest = filter.substr(share_prefix.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    if (rest.substr(0, slash).find_first_of("+#") != std::string_view::npos) return false;
    return is_plain_filter(rest.substr(slash + 1));
}

/// What a filter may start with so that topics starting with `$` are in reach [MQTT-4.7.2-1].
bool reaches_dollar(std::string_view filter) noexcept {
    return !filter.empty() && filter.front() == '$';
}

} // namespace

bool is_shared(std::string_view filter) noexcept {
    return filter.starts_with(share_prefix);
}

bool is_topic_name(std::string_view topic) noexcept {
    return !topic.empty() && topic.size() <= max_length &&
           topic.find_first_of("+#") == std::string_view::npos && is_utf8_string(topic);
}

bool is_topic_filter(std::string_view filter) noexcept {
    if (filter.empty() || filter.size() > max_length || !is_utf8_string(filter)) return false;
    return is_shared(filter) ? is_shared_filter(filter) : is_plain_filter(filter);
}

bool matches(std::string_view filter, std::string_view topic) noexcept {
    filter = inner_filter(filter);
    if (filter.empty() || topic.empty()) return false;
    if (topic.front() == '$' && starts_with_wildcard(filter)) return false;
    levels f{filter};
    levels t{topic};
    while (f.more() && t.more()) {
        const auto wanted = f.next();
        if (wanted == "#") return true;
        const auto level = t.next();
        if (wanted != "+" && wanted != level) return false;
    }
    // "a/#" selects "a" too: only the number sign may be left over [MQTT 5.0, 4.7.1.2].
    return !t.more() && (!f.more() || f.next() == "#");
}

bool overlaps(std::string_view a, std::string_view b) noexcept {
    a = inner_filter(a);
    b = inner_filter(b);
    if (a.empty() || b.empty()) return false;
    if (reaches_dollar(a) && starts_with_wildcard(b)) return false;
    if (reaches_dollar(b) && starts_with_wildcard(a)) return false;
    levels la{a};
    levels lb{b};
    bool common_is_empty = true; // the topic both select so far is "", which is not a topic
    for (bool first = true; la.more() && lb.more(); first = false) {
        const auto x = la.next();
        const auto y = lb.next();
        if (x == "#" || y == "#") return true;
        if (x != "+" && y != "+" && x != y) return false;
        common_is_empty = first && (x.empty() || y.empty());
    }
    if (!la.more() && !lb.more()) return true;
    return !common_is_empty && (la.more() ? la : lb).next() == "#";
}

std::string_view inner_filter(std::string_view filter) noexcept {
    if (!is_shared(filter)) return filter;
    const auto slash = filter.find('/', share_prefix.size());
    return slash == std::string_view::npos ? filter : filter.substr(slash + 1);
}

} // namespace weir::mqtt
