#include "reader.hpp"

#include "suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace weir::tool {

reader::level::level(reader& r, std::string_view name, const toml::source_region& where)
    : reader_(r)
    , length_before_(r.path_.size()) {
    if (!r.path_.empty() && !name.starts_with('[')) r.path_ += '.';
    r.path_ += name;
    r.places_[r.path_] = {where.begin.line, where.begin.column};
}

reader::level::~level() {
    reader_.path_.resize(length_before_);
}

void reader::refuse(const toml::node& value, const std::string& allowed, bool secret) {
    const auto& where = value.source().begin;
    faults_.push_back(
        {where.line, where.column, path_, secret ? "********" : literal(value), "allowed: " + allowed});
}

void reader::refuse_key(const toml::node& value, const std::string& why) {
    const auto& where = value.source().begin;
    faults_.push_back({where.line, where.column, path_, literal(value), "not allowed here: " + why});
}

void reader::missing(const toml::node& table, const std::string& key, const std::string& allowed) {
    const auto& where = table.source().begin;
    faults_.push_back(
        {where.line, where.column, path_ + '.' + key, {}, "allowed: " + allowed + "; it is missing"});
}

void reader::unknown_key(const toml::key& key, std::span<const std::string> known) {
    const auto name = std::string(key.str());
    const auto meant = nearest(name, known);
    const auto hint = meant ? fmt::format(", did you mean {}?", *meant) : std::string();
    faults_.push_back(
        {key.source().begin.line,
         key.source().begin.column,
         path_.empty() ? name : path_ + '.' + name,
         {},
         fmt::format("unknown key{} (keys here: {})", hint, fmt::join(known, ", "))});
}

void reader::add_checked(const std::string& path, const std::string& value, const std::string& allowed) {
    if (already_refused(path)) return;
    const auto where = place_of(path);
    faults_.push_back({where.line, where.column, path, value, "allowed: " + allowed});
}

bool reader::already_refused(const std::string& path) const {
    return std::any_of(faults_.begin(), faults_.end(), [&](const auto& f) { return f.path == path; });
}

reader::place reader::place_of(std::string path) const {
    while (!path.empty()) {
        if (const auto found = places_.find(path); found != places_.end()) return found->second;
        const auto cut = path.find_last_of(".[");
        path.resize(cut == std::string::npos ? 0 : cut);
    }
    return {};
}

std::string literal(const toml::node& value) {
    std::ostringstream out;
    value.visit([&](const auto& v) { out << v; });
    auto text = out.str();
    std::replace(text.begin(), text.end(), '\n', ' ');
    constexpr std::size_t longest = 80;
    if (text.size() > longest) text = text.substr(0, longest) + "...";
    return text;
}

std::string toml_string(std::string_view text) {
    std::string out = "\"";
    for (const unsigned char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', static_cast<char>(c)};
        } else if (c == '\n') {
            out += "\\n";
        } else if (c < 0x20 || c == 0x7F) {
            out += fmt::format("\\u{:04X}", c);
        } else {
            out += static_cast<char>(c);
        }
    }
    return out + '"';
}

} // namespace weir::tool
