#include <weir/pipeline/errc.hpp>

#include <string>

namespace weir::pipeline {
namespace {

class category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "weir.pipeline"; }

    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::already_running: return "a pipeline of that name is already running";
        case errc::inside_callback: return "cannot wait for a pipeline from inside one of its callbacks";
        case errc::producer_failed: return "a producer failed";
        case errc::not_running: return "the pipeline is not running";
        case errc::wrong_entry_type: return "the pipeline takes messages of another type";
        case errc::rate_limiting_disabled: return "the pipeline has no rate limit";
        case errc::invalid_options: return "options are invalid";
        case errc::not_quiescent: return "partitions cannot change while messages are in them";
        case errc::bound_to_partitions: return "batches are bound to their batch processors";
        case errc::engine_failed: return "too many errors inside of the pipeline";
        case errc::worker_failed: return "a worker could not begin";
        }
        return "unknown pipeline error";
    }
};

} // namespace

const std::error_category& pipeline_category() noexcept {
    static const category instance;
    return instance;
}

std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), pipeline_category()};
}

} // namespace weir::pipeline
