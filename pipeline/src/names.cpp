#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/running_pipeline.hpp>

namespace weir::pipeline {

std::string_view to_string(outcome o) noexcept {
    switch (o) {
    case outcome::successful: return "successful";
    case outcome::failed: return "failed";
    case outcome::abandoned: return "abandoned";
    }
    return "unknown";
}

std::string_view to_string(batch_trigger t) noexcept {
    switch (t) {
    case batch_trigger::size: return "size";
    case batch_trigger::timeout: return "timeout";
    case batch_trigger::flush: return "flush";
    case batch_trigger::starved: return "starved";
    case batch_trigger::bound: return "bound";
    }
    return "unknown";
}

std::string_view to_string(state s) noexcept {
    switch (s) {
    case state::starting: return "starting";
    case state::running: return "running";
    case state::draining: return "draining";
    case state::stopped: return "stopped";
    case state::failed: return "failed";
    }
    return "unknown";
}

} // namespace weir::pipeline
