#include "engine/shared_queue.hpp"

#include <algorithm>
#include <thread>

namespace weir::pipeline::engine {

shared_queue::~shared_queue() {
    raw_run* chunk = nullptr;
    while (chunks_.try_pop(chunk))
        delete chunk;
}

void shared_queue::push(std::unique_ptr<raw_run> chunk) noexcept {
    // There is room; but a reader that was interrupted half-way through a pop can make it look full.
    while (!chunks_.try_push(chunk.get()))
        std::this_thread::yield();
    static_cast<void>(chunk.release());
}

std::unique_ptr<raw_run> shared_queue::pop(seat& me) {
    const auto ready = [&] { return chunks_.readable() || me.leaving.load(); };
    while (!me.leaving.load()) {
        if (auto chunk = take_out()) {
            share(*chunk);
            return chunk;
        }
        if (!parker_.wait(ready)) return nullptr;
    }
    // It may have been woken for a chunk: that is now for another.
    if (chunks_.readable()) parker_.wake_one();
    return nullptr;
}

std::unique_ptr<raw_run> shared_queue::try_pop(seat& me) {
    if (me.leaving.load()) return nullptr;
    auto chunk = take_out();
    if (chunk != nullptr && chunks_.readable()) bells_.ring_one();
    return chunk;
}

bool shared_queue::enlist(seat& me) {
    bells_.enlist(*me.bell);
    return !chunks_.readable();
}

void shared_queue::delist(seat& me) noexcept {
    bells_.delist(*me.bell);
    if (me.leaving.load() && chunks_.readable()) bells_.ring_one();
}

std::unique_ptr<raw_run> shared_queue::take_out() {
    raw_run* chunk = nullptr;
    if (!chunks_.try_pop(chunk)) return nullptr;
    return std::unique_ptr<raw_run>{chunk};
}

void shared_queue::dismiss(seat& who) noexcept {
    who.leaving.store(true);
    parker_.wake_all(); // those who stay go back to sleep
}

/// What was left in the queue, or can be left of this chunk, must not wait while others are idle.
void shared_queue::share(raw_run& chunk) {
    if (chunks_.readable()) return parker_.wake_another();
    const auto idle = parker_.idle();
    if (idle == 0 || chunk.size() == 1) return;
    const auto keep = (chunk.size() + idle) / (idle + 1);
    if (keep >= chunk.size()) return;
    push(chunk.split(keep));
    pushed();
}

std::size_t shared_queue::chunk_length(std::size_t count) const noexcept {
    const auto idle = std::max<std::size_t>(1, parker_.idle() + bells_.waiting());
    return std::clamp<std::size_t>((count + idle - 1) / idle, 1, max_chunk_);
}

} // namespace weir::pipeline::engine
