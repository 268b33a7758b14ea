// What telemetry is told of a chunk.

#include "engine/chunk_work.hpp"

namespace weir::pipeline::engine {

void chunk_work::open_span() {
    span_.start<processor_start, processor_stop, processor_exception>(
        [&](const span_origin& o, const span_start& at) {
            return processor_start{o, at, parts_.group, views_of(*chunk_, views_)};
        });
}

/// After what ends here was settled, and before the others go on.
void chunk_work::close_span(slice s) {
    span_.end<processor_stop>([&](const span_origin& o, duration took) {
        const auto failed = sort_views(s);
        const message_views all{views_};
        const auto well = all.subspan(failed);
        const bool final_stage = parts_.batchers.empty();
        return processor_stop{
            o,
            took,
            parts_.group,
            final_stage ? well : message_views{},
            final_stage ? message_views{} : well,
            all.first(failed),
            rejected_.size()};
    });
}

/// First the failed ones, and how many these are.
std::size_t chunk_work::sort_views(slice s) {
    views_.clear();
    failed_.add_views(views_);
    const auto failed = views_.size();
    std::size_t failures = 0;
    for (std::size_t i = s.first; i < s.first + s.count; ++i) {
        if (failed_.is(failures, i))
            ++failures;
        else
            views_.push_back(messages_->view(i));
    }
    return failed;
}

void chunk_work::close_span_badly(const span_failure& why) {
    span_.end<processor_exception>([&](const span_origin& o, duration took) {
        return processor_exception{o, took, parts_.group, why};
    });
}

/// Of callbacks that did not return, or not in time; a coroutine has one message.
void chunk_work::cut_spans_off(std::string_view why) {
    const span_failure cancelled{.kind = "cancelled", .reason = why};
    if (messages_->size() > 0) message_spans_.cut_off(messages_->view(0), cancelled);
    close_span_badly(cancelled);
}

} // namespace weir::pipeline::engine
