#include "engine/processor_queue.hpp"

#include <algorithm>
#include <thread>

namespace weir::pipeline::engine {

processor_queue::~processor_queue() {
    while (try_pop() != nullptr) {
    }
}

void processor_queue::push(std::unique_ptr<raw_run> chunk) noexcept {
    // There is room; but a reader that was interrupted half-way through a pop can make it look full.
    while (!chunks_.try_push(chunk.get()))
        std::this_thread::yield();
    static_cast<void>(chunk.release());
}

std::unique_ptr<raw_run> processor_queue::pop() {
    for (;;) {
        if (auto chunk = try_pop()) {
            share(*chunk);
            return chunk;
        }
        if (!parker_.wait([this] { return chunks_.readable(); })) return nullptr;
    }
}

std::unique_ptr<raw_run> processor_queue::try_pop() noexcept {
    raw_run* chunk = nullptr;
    if (!chunks_.try_pop(chunk)) return nullptr;
    return std::unique_ptr<raw_run>{chunk};
}

/// What was left in the queue, or can be left of this chunk, must not wait while others are idle.
void processor_queue::share(raw_run& chunk) {
    if (chunks_.readable()) return parker_.wake_another();
    const auto idle = parker_.idle();
    if (idle == 0 || chunk.size() == 1) return;
    const auto keep = (chunk.size() + idle) / (idle + 1);
    if (keep >= chunk.size()) return;
    push(chunk.split(keep));
    pushed();
}

std::size_t processor_queue::chunk_length(std::size_t count) const noexcept {
    const auto idle = std::max<std::size_t>(1, parker_.idle());
    return std::clamp<std::size_t>((count + idle - 1) / idle, 1, max_chunk_);
}

} // namespace weir::pipeline::engine
