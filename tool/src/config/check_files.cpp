#include "check_files.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace weir::tool {

namespace {

using placements = std::vector<batcher_placement>;

/// Files that are appended to, and where they were named: two writers of one file would spoil it.
class appended_files {
  public:
    void add(const sinks::jsonl_options& o, const std::string& path, reader& r) {
        const auto [first, is_new] = places_.emplace(o.path, std::pair{path, o});
        if (is_new || first->second.second == o) return;
        r.add_checked(path, toml_string(o.path), "a file other than that of " + first->second.first);
    }

    /// What is written there has another form, so that not even the same options are the same sink.
    void add_letters(const sinks::jsonl_options& o, const std::string& path, reader& r) {
        const auto first = places_.find(o.path);
        if (first != places_.end())
            r.add_checked(path, toml_string(o.path), "a file other than that of " + first->second.first);
    }

  private:
    std::map<std::string, std::pair<std::string, sinks::jsonl_options>> places_;
};

void check_sink(const sinks::sink_options& s, const std::string& prefix, appended_files& files, reader& r) {
    for (const auto& f : sinks::check(s, prefix))
        r.add_checked(f.path, f.value, f.allowed);
    if (const auto* const jsonl = std::get_if<sinks::jsonl_options>(&s))
        files.add(*jsonl, prefix + "path", r);
}

bool all_have_their_own(const placements& all) {
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& b) { return b.sink; });
}

void check_common_sink(const file_config& c, appended_files& files, reader& r) {
    const bool is_needed = !all_have_their_own(c.placements);
    if (is_needed && !c.sink)
        return r.add_checked("sink.type", {}, R"("sqlite", "jsonl" or "discard"; it is missing)");
    if (!is_needed && c.sink)
        return r.add_checked("sink", {}, "not to be given, since every batcher has a sink of its own");
    if (c.sink) check_sink(*c.sink, "sink.", files, r);
}

void check_dead_letters(const sinks::jsonl_options& o, appended_files& files, reader& r) {
    if (o.path == "-")
        r.add_checked("dead_letter.path", "\"-\"", "the path of a file; standard output keeps nothing");
    for (const auto& f : sinks::check(o, "dead_letter."))
        r.add_checked(f.path, f.value, f.allowed);
    files.add_letters(o, "dead_letter.path", r);
}

} // namespace

void check_files(const file_config& c, reader& r) {
    appended_files files;
    check_common_sink(c, files, r);
    for (std::size_t i = 0; i < c.placements.size(); ++i) {
        const auto prefix = "batchers[" + std::to_string(i) + "].sink.";
        if (c.placements[i].sink) check_sink(*c.placements[i].sink, prefix, files, r);
    }
    if (c.dead_letters) check_dead_letters(*c.dead_letters, files, r);
}

} // namespace weir::tool
