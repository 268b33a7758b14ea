#include "engine/defects.hpp"

#include "engine/control.hpp"

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/this_worker.hpp>

namespace weir::pipeline::engine {

failure_info capture_defect(control& shared) {
    auto why = capture_exception("the engine");
    shared.defects.note(std::string{this_worker::name()}, why.text);
    shared.progress.raise();
    return why;
}

} // namespace weir::pipeline::engine
