#include <weir/pipeline/testing/faults.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::pipeline::testing {

void faults::throw_in(place where, std::size_t calls, std::string worker, std::string text) {
    const std::scoped_lock lock{mutex_};
    planned_.push_back({where, calls, std::move(worker), std::move(text)});
}

void faults::block(place where) {
    const std::scoped_lock lock{mutex_};
    gate_at(where).closed = true;
}

void faults::release(place where) {
    {
        const std::scoped_lock lock{mutex_};
        gate_at(where).closed = false;
    }
    changed_.notify_all();
}

bool faults::wait_blocked(place where, std::size_t workers, std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [&] { return gate_at(where).waiting >= workers; });
}

void faults::suffer(place where) {
    std::unique_lock lock{mutex_};
    auto& here = gate_at(where);
    ++here.waiting;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !here.closed; });
    --here.waiting;
    const auto me = this_worker::name();
    const auto due = std::find_if(planned_.begin(), planned_.end(), [&](const planned& p) {
        return p.where == where && p.calls > 0 && me.ends_with(p.worker);
    });
    if (due == planned_.end()) return;
    --due->calls;
    throw std::runtime_error{due->text};
}

} // namespace weir::pipeline::testing
