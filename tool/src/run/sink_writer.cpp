#include "sink_writer.hpp"

namespace weir::tool {

void sink_writer::write(std::span<sinks::message> messages) try {
    sink_.write(messages);

} catch (const sinks::sink_closed&) {

    closed_.store(true, std::memory_order_relaxed);
    throw;
}

} // namespace weir::tool
