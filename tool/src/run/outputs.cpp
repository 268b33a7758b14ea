#include "outputs.hpp"

#include <weir/sinks/make_sink.hpp>

#include <algorithm>

namespace weir::tool {

outputs::open_sink::open_sink(const sinks::sink_options& o)
    : sink(sinks::make_sink(o))
    , writer(*sink) {}

outputs::outputs(const file_config& c) {
    const auto options = all_sinks(c);
    for (const auto& o : options)
        sinks_.push_back(std::make_unique<open_sink>(o));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, c.pipeline.batchers.size()); ++i) {
        const auto same = std::find(options.begin(), options.end(), sink_of(c, i));
        of_batcher_.push_back(&sinks_[static_cast<std::size_t>(same - options.begin())]->writer);
    }
    if (c.dead_letters) dead_letters_ = std::make_unique<sinks::dead_letter_file>(*c.dead_letters);
}

bool outputs::any_is_closed() const noexcept {
    return std::any_of(sinks_.begin(), sinks_.end(), [](const auto& s) { return s->writer.is_closed(); });
}

} // namespace weir::tool
