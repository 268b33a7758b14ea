#include "session/topic_aliases.hpp"

namespace weir::mqtt {

void topic_aliases::reset(std::uint16_t maximum) {
    maximum_ = maximum;
    topics_.clear();
    memory_ = 0;
}

topic_aliases::outcome topic_aliases::resolve(std::uint32_t alias, bytes& topic) {
    if (alias == 0 || alias > maximum_) return outcome::out_of_range;
    if (topic.empty()) {
        if (alias > topics_.size() || topics_[alias - 1].empty()) return outcome::unknown;
        topic = topics_[alias - 1];
        return outcome::resolved;
    }
    if (alias > topics_.size()) topics_.resize(alias);
    auto& known = topics_[alias - 1];
    memory_ += topic.size() - known.size();
    // A copy: a mapping may live as long as the connection and must not pin a whole read block.
    known = bytes::copy(topic.text());
    return outcome::resolved;
}

} // namespace weir::mqtt
