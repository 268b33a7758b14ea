#include "select.hpp"

#include "json_field.hpp"

namespace weir::tool {

namespace {

std::string_view topic_level(std::string_view topic, std::size_t level) {
    for (; level > 1; --level) {
        const auto cut = topic.find('/');
        if (cut == std::string_view::npos) return {};
        topic.remove_prefix(cut + 1);
    }
    return topic.substr(0, topic.find('/'));
}

} // namespace

std::string select(const selector& s, std::string_view topic, std::string_view payload) {
    if (s.level != 0) return std::string(topic_level(topic, s.level));
    if (s.field.empty()) return std::string(topic);
    return json_field(payload, s.field).value_or(std::string{});
}

} // namespace weir::tool
