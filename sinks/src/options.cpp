#include <weir/sinks/options.hpp>

#include <algorithm>
#include <limits>

namespace weir::sinks {

namespace {

using faults = std::vector<pipeline::option_fault>;

bool has_control_character(std::string_view s) {
    return std::any_of(s.begin(), s.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_table_name(std::string_view s) {
    return !s.empty() && s.size() <= 128 && !has_control_character(s) && !s.starts_with("sqlite_");
}

void check_path(const std::string& path, const std::string& prefix, faults& out) {
    if (path.empty() || path.find('\0') != std::string::npos)
        out.push_back({prefix + "path", '"' + path + '"', "the path of a file"});
}

struct checker {
    const std::string& prefix;
    faults& out;

    void operator()(const discard_options&) const {}

    void operator()(const jsonl_options& o) const { check_path(o.path, prefix, out); }

    void operator()(const sqlite_options& o) const {
        check_path(o.path, prefix, out);
        if (o.path == ":memory:")
            out.push_back({prefix + "path", "\":memory:\"", "the path of a file: memory keeps nothing"});
        if (!is_table_name(o.table))
            out.push_back(
                {prefix + "table", '"' + o.table + '"',
                 "a name of 1 to 128 bytes without control characters that does not start with sqlite_"});
        if (o.busy_timeout.count() < 0 || o.busy_timeout.count() > std::numeric_limits<int>::max())
            out.push_back(
                {prefix + "busy_timeout", std::to_string(o.busy_timeout.count()) + "ms", "0s to 24 days"});
    }
};

} // namespace

std::string_view to_string(synchronous s) noexcept {
    return s == synchronous::full ? "full" : "normal";
}

std::string_view type_name(const sink_options& o) noexcept {
    static constexpr std::string_view names[] = {"discard", "sqlite", "jsonl"};
    return names[o.index()];
}

bool keeps_receipts(const sink_options& o) noexcept {
    return std::holds_alternative<sqlite_options>(o);
}

faults check(const sink_options& o, const std::string& prefix) {
    faults out;
    std::visit(checker{prefix, out}, o);
    return out;
}

} // namespace weir::sinks
