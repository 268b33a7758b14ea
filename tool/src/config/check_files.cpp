#include "check_files.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace weir::tool {

namespace {

using placements = std::vector<batcher_placement>;

/// Files that are written to, and where they were named: two writers of one file would spoil it. Sinks with
/// the same options are one, and so are databases, in which each table has its own place.
class written_files {
  public:
    void add(const sinks::sink_options& o, const std::string& path, reader& r) {
        if (const auto* const jsonl = std::get_if<sinks::jsonl_options>(&o)) add(jsonl->path, o, path, r);
        if (const auto* const sqlite = std::get_if<sinks::sqlite_options>(&o))
            for (const auto* suffix : {"", "-wal", "-shm"})
                add(sqlite->path + suffix, o, path, r);
    }

    /// What is written there has another form, so that not even the same options are the same sink.
    void add_letters(const sinks::jsonl_options& o, const std::string& path, reader& r) {
        const auto first = places_.find(place_of(o.path));
        if (first != places_.end())
            r.add_checked(path, toml_string(o.path), "a file other than that of " + first->second.path);
    }

  private:
    struct writer {
        std::string path; ///< of the key
        sinks::sink_options options;
    };

    static std::string place_of(const std::string& file) {
        std::error_code ignored; // of an empty path, which is a fault of its own
        return file == "-" ? file : std::filesystem::absolute(file, ignored).lexically_normal().string();
    }

    static bool may_share(const sinks::sink_options& a, const sinks::sink_options& b) {
        return a == b || (std::holds_alternative<sinks::sqlite_options>(a) &&
                          std::holds_alternative<sinks::sqlite_options>(b));
    }

    void add(const std::string& file, const sinks::sink_options& o, const std::string& path, reader& r) {
        const auto [first, is_new] = places_.emplace(place_of(file), writer{path, o});
        if (is_new || may_share(first->second.options, o)) return;
        r.add_checked(path, toml_string(file), "a file other than that of " + first->second.path);
    }

    std::map<std::string, writer> places_;
};

void check_sink(const sinks::sink_options& s, const std::string& prefix, written_files& files, reader& r) {
    for (const auto& f : sinks::check(s, prefix))
        r.add_checked(f.path, f.value, f.allowed);
    files.add(s, prefix + "path", r);
}

bool all_have_their_own(const placements& all) {
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& b) { return b.sink; });
}

void check_common_sink(const file_config& c, written_files& files, reader& r) {
    const bool is_needed = !all_have_their_own(c.placements);
    if (is_needed && !c.sink)
        return r.add_checked("sink.type", {}, R"("sqlite", "jsonl" or "discard"; it is missing)");
    if (!is_needed && c.sink)
        return r.add_checked("sink", {}, "not to be given, since every batcher has a sink of its own");
    if (c.sink) check_sink(*c.sink, "sink.", files, r);
}

void check_dead_letters(const sinks::jsonl_options& o, written_files& files, reader& r) {
    if (o.path == "-")
        r.add_checked("dead_letter.path", "\"-\"", "the path of a file; standard output keeps nothing");
    for (const auto& f : sinks::check(o, "dead_letter."))
        r.add_checked(f.path, f.value, f.allowed);
    files.add_letters(o, "dead_letter.path", r);
}

} // namespace

void check_files(const file_config& c, reader& r) {
    written_files files;
    check_common_sink(c, files, r);
    for (std::size_t i = 0; i < c.placements.size(); ++i) {
        const auto prefix = "batchers[" + std::to_string(i) + "].sink.";
        if (c.placements[i].sink) check_sink(*c.placements[i].sink, prefix, files, r);
    }
    if (c.dead_letters) check_dead_letters(*c.dead_letters, files, r);
}

} // namespace weir::tool
