#include "conductor/progress.hpp"

#include <nlohmann/json.hpp>

namespace weir::demo {

progress progress::parse(std::string_view json) {
    progress parsed;
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return parsed;
    for (const auto& [name, value] : object.items())
        if (value.is_number_unsigned()) parsed.numbers_[name] = value.get<std::uint64_t>();
    return parsed;
}

std::uint64_t progress::operator[](std::string_view name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? 0 : found->second;
}

void progress::add(const progress& other) {
    for (const auto& [name, value] : other.numbers_)
        numbers_[name] += value;
}

} // namespace weir::demo
