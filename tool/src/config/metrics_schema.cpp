#include "schemas.hpp"

#include <weir/metrics/server.hpp>

namespace weir::tool {

namespace {

codec<std::string> listen_address() {
    const auto base = text();
    return {
        "an address and a port, such as \"127.0.0.1:9464\"",
        [base](const toml::node& n) {
            auto v = base.read(n);
            return v && metrics::is_listen_address(*v) ? v : std::nullopt;
        },
        base.write};
}

} // namespace

const schema<metrics_section>& metrics_schema() {
    static const schema<metrics_section> s{
        value("listen", &metrics_section::listen, listen_address(), "serves counters to Prometheus there"),
    };
    return s;
}

} // namespace weir::tool
