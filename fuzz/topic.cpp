#include "require.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

/// Three lines, two filters and a topic: the rules must agree with each other and with a matcher written
/// straight from the standard.
namespace weir::fuzz {
namespace {

using levels = std::vector<std::string_view>;

levels split(std::string_view text, char separator) {
    levels out;
    for (;;) {
        const auto at = text.find(separator);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

bool match_from(const levels& f, std::size_t i, const levels& t, std::size_t k) {
    if (i == f.size()) return k == t.size();
    if (f[i] == "#") return true; // the parent level too: nothing of the topic need be left
    return k != t.size() && (f[i] == "+" || f[i] == t[k]) && match_from(f, i + 1, t, k + 1);
}

bool matches_by_the_book(std::string_view filter, std::string_view topic) {
    const auto inner = mqtt::inner_filter(filter);
    if (topic.front() == '$' && (inner.front() == '+' || inner.front() == '#')) return false;
    return match_from(split(inner, '/'), 0, split(topic, '/'), 0);
}

void run(std::string_view input) {
    const auto lines = split(input, '\n');
    if (lines.size() != 3) return;
    const auto a = lines[0];
    const auto b = lines[1];
    const auto topic = lines[2];
    const bool valid = mqtt::is_topic_filter(a) && mqtt::is_topic_filter(b) && mqtt::is_topic_name(topic);
    const bool by_a = mqtt::matches(a, topic); // must bear any text, also an invalid one
    const bool by_b = mqtt::matches(b, topic);
    const bool common = mqtt::overlaps(a, b);
    require(common == mqtt::overlaps(b, a), "overlaps is symmetric");
    if (!valid) return;
    require(by_a == matches_by_the_book(a, topic), "matches follows the standard");
    require(!(by_a && by_b) || common, "filters with a topic in common overlap");
    require(mqtt::overlaps(a, a), "a filter overlaps itself");
    if (!topic.starts_with("$share/")) {
        require(mqtt::is_topic_filter(topic), "a topic name is a filter");
        require(mqtt::matches(topic, topic), "a topic name selects itself");
        require(mqtt::overlaps(a, topic) == by_a, "a filter overlaps a name exactly when it selects it");
    }
}

} // namespace
} // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
