#include "options/circuit_breaker.hpp"

namespace weir::pipeline {

void check_circuit_breaker(const circuit_breaker_options& o, const std::string& path, fault_list& faults) {
    faults.expect_range(path + ".failures", o.failures, 0, most_messages);
    faults.expect(
        o.cooldown.count() >= 1, path + ".cooldown", text(o.cooldown), "a duration of at least 1ms");
    faults.expect_range(path + ".probes", o.probes, 1, most_messages);
}

} // namespace weir::pipeline
