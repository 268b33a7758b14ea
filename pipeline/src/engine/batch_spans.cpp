// What telemetry is told of a batch.

#include "engine/batch_work.hpp"

namespace weir::pipeline::engine {

void batch_work::open_span() {
    span_.start<batch_processor_start, batch_processor_stop, batch_processor_exception>(
        [&](const span_origin& o, const span_start& at) {
            return batch_processor_start{o, at, &batch_.info, views_of(*batch_.messages, views_)};
        });
}

void batch_work::close_span() {
    span_.end<batch_processor_stop>([&](const span_origin& o, duration took) {
        const auto failed = sort_views();
        const message_views all{views_};
        return batch_processor_stop{o, took, &batch_.info, all.subspan(failed), all.first(failed)};
    });
}

/// First the failed ones, and how many these are.
std::size_t batch_work::sort_views() {
    views_.clear();
    failed_.add_views(views_);
    const auto failed = views_.size();
    std::size_t failures = 0;
    for (std::size_t i = 0; i < batch_.messages->size(); ++i) {
        if (failed_.is(failures, i))
            ++failures;
        else
            views_.push_back(batch_.messages->view(i));
    }
    return failed;
}

void batch_work::close_span_badly(const span_failure& why) {
    span_.end<batch_processor_exception>([&](const span_origin& o, duration took) {
        return batch_processor_exception{o, took, &batch_.info, why};
    });
}

} // namespace weir::pipeline::engine
