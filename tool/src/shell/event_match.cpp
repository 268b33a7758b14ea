#include "event_match.hpp"

#include <algorithm>
#include <charconv>

namespace weir::tool {

namespace {

const json_value* element(const json_value& array, const std::string& index) {
    std::size_t n{};
    const auto* const end = index.data() + index.size();
    const auto [at, fault] = std::from_chars(index.data(), end, n);
    return fault == std::errc{} && at == end && n < array.size() ? &array[n] : nullptr;
}

const json_value* find(const json_value& from, const std::string& path) {
    const json_value* at = &from;
    for (std::size_t begin = 0; at != nullptr && begin <= path.size();) {
        const auto end = std::min(path.find('.', begin), path.size());
        const auto step = path.substr(begin, end - begin);
        if (at->is_array()) {
            at = element(*at, step);
        } else {
            const auto found = at->is_object() ? at->find(step) : at->end();
            at = found == at->end() ? nullptr : &*found;
        }
        begin = end + 1;
    }
    return at;
}

bool equals(const json_value& value, const std::string& text) {
    if (value.is_string()) return value.get_ref<const std::string&>() == text;
    const auto wanted = json_value::parse(text, nullptr, false);
    return !wanted.is_discarded() && wanted == value;
}

} // namespace

bool event_match::fits(const json_value& event) const {
    if (event.value("event", "") != name_) return false;
    return std::all_of(fields_.begin(), fields_.end(), [&](const word& w) {
        const auto* const value = find(event, w.key);
        return value != nullptr && equals(*value, w.text);
    });
}

} // namespace weir::tool
