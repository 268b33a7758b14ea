#include "schemas.hpp"

namespace weir::tool {

namespace {

using sinks::discard_options;
using sinks::jsonl_options;
using sinks::sink_options;
using sinks::sqlite_options;

const std::string type_names = "\"sqlite\", \"jsonl\" or \"discard\"";

/// `type` chose the table; its own entry only writes it and keeps it a known key.
template <class Options>
entry<Options> type_entry() {
    entry<Options> e;
    e.key = "type";
    e.allowed = type_names;
    e.doc = "where messages end";
    e.read = [](const toml::node&, Options&, reader&) {};
    e.print = [](const Options& o, printer& p) { p.value("type", toml_string(sinks::type_name(o)), false); };
    return e;
}

const schema<sqlite_options>& sqlite_schema() {
    using o = sqlite_options;
    static const schema<o> s{
        type_entry<o>(),
        value("path", &o::path, text(), "the database, made when missing"),
        value("table", &o::table, text(), "made when missing"),
        value(
            "synchronous", &o::synchronous,
            one_of<sinks::synchronous>(
                {{"full", sinks::synchronous::full}, {"normal", sinks::synchronous::normal}}),
            "full: stored means stored even after a power failure"),
        value(
            "on_conflict", &o::on_conflict,
            one_of<sinks::on_conflict>(
                {{"fail", sinks::on_conflict::fail}, {"ignore", sinks::on_conflict::ignore}}),
            "ignore: a row that a constraint of the table refuses counts as stored"),
        value("busy_timeout", &o::busy_timeout, time_span(), "how long to wait for another writer"),
    };
    return s;
}

const schema<jsonl_options>& jsonl_schema() {
    using o = jsonl_options;
    static const schema<o> s{
        type_entry<o>(),
        value("path", &o::path, text(), "appended to; \"-\" is standard output"),
        value("fsync", &o::fsync, flag(), "flush to the disk before a message counts as stored"),
    };
    return s;
}

const schema<discard_options>& discard_schema() {
    static const schema<discard_options> s{type_entry<discard_options>()};
    return s;
}

std::optional<sink_options> empty_sink(std::string_view type) {
    if (type == "sqlite") return sqlite_options{};
    if (type == "jsonl") return jsonl_options{};
    if (type == "discard") return discard_options{};
    return std::nullopt;
}

struct sink_reader {
    const toml::table& from;
    reader& r;

    void operator()(sqlite_options& to) const { read_table(from, sqlite_schema(), to, r); }

    void operator()(jsonl_options& to) const { read_table(from, jsonl_schema(), to, r); }

    void operator()(discard_options& to) const { read_table(from, discard_schema(), to, r); }
};

struct sink_printer {
    printer& p;

    void operator()(const sqlite_options& o) const { print_table(sqlite_schema(), o, p); }

    void operator()(const jsonl_options& o) const { print_table(jsonl_schema(), o, p); }

    void operator()(const discard_options& o) const { print_table(discard_schema(), o, p); }
};

} // namespace

void read_sink(const toml::node& n, sink_section& to, reader& r) {
    const auto* const from = n.as_table();
    if (from == nullptr) return r.refuse(n, "a table");
    const auto* const type = from->get("type");
    if (type == nullptr) return r.missing(n, "type", type_names);
    to = empty_sink(type->value_or(std::string_view{}));
    if (to) return std::visit(sink_reader{*from, r}, *to);
    const reader::level inside(r, "type", type->source());
    r.refuse(*type, type_names);
}

void print_sink(const sink_section& from, printer& p) {
    if (!from) return;
    p.enter_table("sink");
    std::visit(sink_printer{p}, *from);
    p.leave();
}

void describe_sink(
    const std::function<void(const std::string&, const std::string&, const std::string&)>& tell) {
    describe_keys(sqlite_schema(), ".(sqlite).", tell);
    describe_keys(jsonl_schema(), ".(jsonl).", tell);
    describe_keys(discard_schema(), ".(discard).", tell);
}

} // namespace weir::tool
