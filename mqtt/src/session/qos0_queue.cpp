#include "session/qos0_queue.hpp"

#include <utility>

namespace weir::mqtt {
namespace {

std::size_t weight(const message_received& m) {
    return m.received.topic.size() + m.received.payload.size();
}

} // namespace

std::vector<bytes> qos0_queue::push(message_received m, std::uint64_t order) {
    std::vector<bytes> dropped;
    if (bounds_.policy != qos0_buffer_policy::pause_reading) {
        const std::size_t more = weight(m);
        if (more > bounds_.bytes) return {std::move(m.received.topic)};
        while (!fits(more)) {
            was_full_ = true;
            if (bounds_.policy == qos0_buffer_policy::drop_newest) return {std::move(m.received.topic)};
            dropped.push_back(remove(victim(m.received.topic.text())).received.topic);
        }
    }
    append(std::move(m), order);
    was_full_ = was_full_ || !fits(0);
    return dropped;
}

message_received qos0_queue::pop() {
    auto oldest = remove(head_);
    if (empty()) was_full_ = false;
    return oldest;
}

bool qos0_queue::blocks_reading() const noexcept {
    return bounds_.policy == qos0_buffer_policy::pause_reading && !fits(0);
}

bool qos0_queue::fits(std::size_t more_bytes) const noexcept {
    return size_ < bounds_.messages && bytes_ + more_bytes <= bounds_.bytes;
}

std::uint32_t qos0_queue::victim(std::string_view topic) const {
    const auto chain = chains_.find(topic);
    return chain == chains_.end() ? head_ : chain->second.oldest;
}

void qos0_queue::append(message_received m, std::uint64_t order) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(nodes_.size()));
        nodes_.emplace_back();
    }
    const auto n = free_.back();
    free_.pop_back();
    bytes_ += weight(m);
    ++size_;
    nodes_[n] = {std::move(m), order, tail_, none, none};
    (tail_ == none ? head_ : nodes_[tail_].next) = n;
    tail_ = n;
    if (bounds_.policy == qos0_buffer_policy::keep_latest) link_topic(n);
}

message_received qos0_queue::remove(std::uint32_t n) {
    if (bounds_.policy == qos0_buffer_policy::keep_latest) unlink_topic(n);
    node& gone = nodes_[n];
    (gone.previous == none ? head_ : nodes_[gone.previous].next) = gone.next;
    (gone.next == none ? tail_ : nodes_[gone.next].previous) = gone.previous;
    bytes_ -= weight(gone.message);
    --size_;
    free_.push_back(n);
    return std::exchange(gone.message, {});
}

void qos0_queue::link_topic(std::uint32_t n) {
    auto& chain = chains_[nodes_[n].message.received.topic.text()];
    (chain.oldest == none ? chain.oldest : nodes_[chain.newest].next_of_topic) = n;
    chain.newest = n;
}

void qos0_queue::unlink_topic(std::uint32_t n) {
    // Only ever the oldest of its topic goes: the queue's front is that, and so is a victim.
    const auto entry = chains_.find(nodes_[n].message.received.topic.text());
    topic_chain chain = entry->second;
    chain.oldest = nodes_[n].next_of_topic;
    chains_.erase(entry);
    if (chain.oldest != none) chains_.emplace(nodes_[chain.oldest].message.received.topic.text(), chain);
}

} // namespace weir::mqtt
