// How the number of workers changes while a topology is at work.

#include "topology.hpp"

#include <weir/pipeline/errc.hpp>

#include <exception>
#include <string>

namespace weir::pipeline {
namespace {

error refusal(errc why, std::string what) {
    return {make_error_code(why), std::move(what)};
}

/// What keeps the last of them from working: what its factory threw, or too many that are leaving still.
error failed_to_grow() {
    try {
        throw;
    } catch (const std::exception& e) {
        return refusal(errc::worker_failed, e.what());
    } catch (...) {
        return refusal(errc::worker_failed, "threw an object without a text");
    }
}

std::string out_of_range(const std::string& what, std::size_t count, std::size_t most) {
    return std::to_string(count) + " " + what + "; allowed: 1 to " + std::to_string(most);
}

} // namespace

result<std::size_t> topology::set_processors(std::size_t count) {
    const std::scoped_lock one{resizing_};
    const auto most = options_.processors.max_concurrency;
    if (conductor_.state() != state::running) return refusal(errc::not_running, options_.name);
    if (count == 0 || count > most)
        return refusal(errc::invalid_options, out_of_range("processors", count, most));
    auto& crew = *crews_.front();
    const auto before = crew.size();
    try {
        crew.grow(count);
    } catch (...) {
        return failed_to_grow();
    }
    if (!queue_->resize(count)) {
        crew.shrink(before);
        return refusal(
            errc::not_quiescent,
            "messages are in the partitions of " + std::to_string(before) + " processors");
    }
    crew.shrink(count);
    change_demand(before, count);
    return count;
}

/// Demand that is announced cannot be taken back: fewer processors mean that it is not announced again.
void topology::change_demand(std::size_t before, std::size_t now) {
    const auto each = options_.processors.max_demand;
    for (auto& b : batchers_)
        b->set_bound(now * b->options().max_demand);
    for (auto& s : parts_.sources) {
        if (now > before) s->give_credit((now - before) * each);
        if (now < before) s->owe_credit((before - now) * each);
    }
}

result<std::size_t> topology::set_batch_processors(std::string_view batcher, std::size_t count) {
    const std::scoped_lock one{resizing_};
    if (conductor_.state() != state::running) return refusal(errc::not_running, options_.name);
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        if (batchers_[i]->options().name == batcher)
            return set_batch_processors(batchers_[i]->options(), *crews_[i + 1], count);
    return refusal(errc::invalid_options, "no batcher \"" + std::string{batcher} + "\"");
}

result<std::size_t> topology::set_batch_processors(
    const batcher_options& o, engine::crew& crew, std::size_t count) {
    const auto most = o.max_concurrency;
    if (count == 0 || count > most)
        return refusal(errc::invalid_options, out_of_range("batch processors of " + o.name, count, most));
    if (o.partitioned) return refusal(errc::bound_to_partitions, "batcher " + o.name);
    try {
        crew.grow(count);
    } catch (...) {
        return failed_to_grow();
    }
    crew.shrink(count);
    return count;
}

std::size_t topology::batch_processors(std::string_view batcher) const {
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        if (batchers_[i]->options().name == batcher) return crews_[i + 1]->size();
    return 0;
}

} // namespace weir::pipeline
