#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/options/dead_letter.hpp>
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

std::string_view to_string(failure_stage s) noexcept {
    switch (s) {
    case failure_stage::decode: return "decode";
    case failure_stage::handle_message: return "handle_message";
    case failure_stage::handle_batch: return "handle_batch";
    }
    return "unknown";
}

std::string_view to_string(dead_letter_options::settling s) noexcept {
    switch (s) {
    case dead_letter_options::settling::successful: return "successful";
    case dead_letter_options::settling::failed: return "failed";
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
