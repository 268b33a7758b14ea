#include "schemas.hpp"

namespace weir::tool {

namespace {

using o = mqtt::client_options;

entry<client_section> of_options(entry<o> e) {
    return inside(&client_section::options, std::move(e));
}

/// true, false, or "never", where the application sends its own PUBACKs and the like.
entry<client_section> auto_ack() {
    entry<client_section> e;
    e.key = "auto_ack";
    e.allowed = "true, false or \"never\"";
    e.doc = "whether messages are acknowledged when they arrive; never: by raw acknowledgements";
    e.read = [allowed = e.allowed](const toml::node& n, client_section& to, reader& r) {
        const auto* const on = n.as_boolean();
        const auto* const name = n.as_string();
        if (on == nullptr && (name == nullptr || name->get() != "never")) return r.refuse(n, allowed);
        to.options.auto_ack = on != nullptr && on->get();
        to.options.raw_acks = on == nullptr;
    };
    e.print = [](const client_section& from, printer& p) {
        const auto& v = from.options;
        p.value("auto_ack", v.raw_acks ? "\"never\"" : v.auto_ack ? "true" : "false", false);
    };
    return e;
}

constexpr std::uint16_t endless_window = 65'535;

/// 1..65535, which is also called "infinity".
codec<std::uint16_t> window() {
    const auto base = integer<std::uint16_t>(1, endless_window);
    return {
        base.allowed + ", or \"infinity\"",
        [base](const toml::node& n) -> std::optional<std::uint16_t> {
            const auto* const name = n.as_string();
            return name != nullptr && name->get() == "infinity" ? endless_window : base.read(n);
        },
        base.write};
}

std::vector<entry<client_section>> owned_by_the_application() {
    return {
        auto_ack(),
        of_options(value(
            "confirm_release", &o::confirm_release, flag(), "QoS 2: PUBCOMP waits for the application")),
        of_options(value("max_inflight", &o::max_inflight, window(), "published and not yet acknowledged")),
        of_options(value(
            "receive_maximum", &o::receive_maximum, integer<std::uint16_t>(1, 65'535),
            "v5: received and not yet acknowledged")),
        of_options(value(
            "receive_window", &o::receive_window, integer<std::uint16_t>(0, 65'535),
            "3.x: the same, kept by this client; 0: none")),
    };
}

} // namespace

const schema<client_section>& standalone_client_schema() {
    static const auto s = [] {
        auto all = shared_client_entries();
        for (auto& e : owned_by_the_application())
            all.push_back(std::move(e));
        return all;
    }();
    return s;
}

} // namespace weir::tool
