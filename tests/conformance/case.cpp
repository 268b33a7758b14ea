#include "case.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <stdexcept>

namespace weir::conformance {
namespace {

std::vector<connection_script> scripts_of(const json& entry, mqtt::protocol_version version) {
    std::vector<connection_script> scripts;
    const auto add = [&](const json& c) {
        scripts.push_back(
            {.connack = c.contains("connack") ? text_for(c["connack"], version) : "",
             .at = c.value("at", 1),
             .restart = c.value("restart", false),
             .steps = c.at("steps")});
    };
    if (!entry.contains("connections")) {
        add(entry);
        return scripts;
    }
    for (const auto& c : entry["connections"])
        add(c);
    return scripts;
}

/// The entry with the texts of `row` in their places.
json filled_in(const json& entry, const json& row) {
    auto text = entry.dump();
    for (const auto& [name, value] : row.items()) {
        const auto mark = "{" + name + "}";
        const auto quoted = value.dump();
        const auto inside = quoted.substr(1, quoted.size() - 2);
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + inside.size()))
            text.replace(at, mark.size(), inside);
    }
    return json::parse(text);
}

std::vector<json> entries_of(const json& entry) {
    if (!entry.contains("each")) return {entry};
    auto once = entry;
    once.erase("each");
    std::vector<json> all;
    for (const auto& row : entry["each"])
        all.push_back(filled_in(once, row));
    return all;
}

void add_cases(const std::string& file, const json& entry, std::vector<test_case>& cases) {
    for (const auto& name : entry.value("versions", json::array({"v4", "v5"}))) {
        const auto version = version_named(name);
        cases.push_back(
            {.file = file,
             .title = entry.at("title"),
             .version = version,
             .only = entry.value("only", ""),
             .options = entry.value("options", json::object()),
             .connections = scripts_of(entry, version)});
    }
}

void load_file(const std::filesystem::path& path, std::vector<test_case>& cases) {
    std::ifstream in{path};
    for (const auto& written : json::parse(in, nullptr, true, true))
        for (const auto& entry : entries_of(written))
            add_cases(path.stem().string(), entry, cases);
}

} // namespace

mqtt::protocol_version version_named(const std::string& name) {
    for (const auto v : {mqtt::protocol_version::v3, mqtt::protocol_version::v4, mqtt::protocol_version::v5})
        if (to_string(v) == name) return v;
    throw std::invalid_argument{"unknown version " + name};
}

std::string test_case::name() const {
    std::string text = file + "_" + std::string{to_string(version)} + "_" + title;
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return text;
}

std::string text_for(const json& value, mqtt::protocol_version version) {
    if (value.is_string()) return value;
    return value.at(std::string{to_string(version)});
}

std::vector<test_case> load_cases(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<test_case> cases;
    for (const auto& path : files) {
        try {
            load_file(path, cases);
        } catch (const std::exception& e) {
            throw std::runtime_error{path.filename().string() + ": " + e.what()};
        }
    }
    return cases;
}

} // namespace weir::conformance
