#include "engine/message_spans.hpp"

namespace weir::pipeline::engine {

message_observer* message_spans::if_listened_to() noexcept {
    const auto& bus = *shared_.bus;
    const bool any = bus.listening<processor_message_start>() || bus.listening<processor_message_stop>() ||
                     bus.listening<processor_message_exception>();
    return any ? this : nullptr;
}

void message_spans::before(const message_view& m) {
    span_.start<processor_message_start, processor_message_stop, processor_message_exception>(
        [&](const span_origin& o, const span_start& at) {
            return processor_message_start{o, at, m};
        });
}

void message_spans::after(const message_view& m, const failure_info* thrown) {
    if (thrown != nullptr) return end_badly(m, failure_of(*thrown));
    if (routes_ != nullptr && m.head->failure == nullptr && !routes_->route(*m.head)) {
        const auto text = routes_->unknown(*m.head);
        return end_badly(m, {.kind = "other", .reason = text});
    }
    span_.end<processor_message_stop>([&](const span_origin& o, duration took) {
        return processor_message_stop{o, took, m};
    });
}

void message_spans::end_badly(const message_view& m, const span_failure& why) {
    span_.end<processor_message_exception>([&](const span_origin& o, duration took) {
        return processor_message_exception{o, took, m, why};
    });
}

} // namespace weir::pipeline::engine
