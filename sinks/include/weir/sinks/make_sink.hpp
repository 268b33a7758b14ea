#pragma once

#include <weir/sinks/options.hpp>
#include <weir/sinks/sink.hpp>

#include <memory>

namespace weir::sinks {

/// Opens the sink that the options describe. Throws `sink_error` when the store cannot be opened and waiting
/// would not help; a database that is merely locked is opened by the first write that finds it free.
[[nodiscard]] std::unique_ptr<sink> make_sink(const sink_options& o);

} // namespace weir::sinks
