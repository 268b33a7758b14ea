#include "stage/router.hpp"

#include <algorithm>

namespace weir::pipeline {

router::router(std::vector<std::string> batchers)
    : names_(std::move(batchers))
    , unrouted_(names_.size() == 1 ? std::optional<std::size_t>{0} : find("default")) {}

std::optional<std::size_t> router::find(std::string_view name) const noexcept {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names_.begin());
}

std::string router::unknown(const message_head& head) const {
    std::string text =
        "unknown batcher \"" + (head.batcher.empty() ? "default" : head.batcher) + "\"; known:";
    const char* separator = " ";
    for (const auto& name : names_) {
        text += separator;
        text += "\"" + name + "\"";
        separator = ", ";
    }
    return text;
}

} // namespace weir::pipeline
