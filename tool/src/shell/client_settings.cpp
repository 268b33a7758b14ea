#include "client_settings.hpp"

#include "client/property_text.hpp"
#include "config/schemas.hpp"
#include "config/secret_files.hpp"

#include <fmt/format.h>

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace weir::tool {

namespace {

constexpr std::string_view connect_prefix = "properties.";
constexpr std::string_view will_prefix = "will_props.";

std::string describe(const std::vector<config_fault>& faults) {
    std::string out;
    for (const auto& f : faults) {
        out += out.empty() ? "" : "; ";
        out += f.path;
        if (!f.value.empty()) out += " = " + f.value;
        out += ": " + f.text;
    }
    return out;
}

/// {"a": {"b": leaf}} for "a.b".
toml::table nested(const std::string& path, const toml::node& leaf) {
    const auto cut = path.find('.');
    toml::table out;
    if (cut == std::string::npos) {
        leaf.visit([&](const auto& v) { out.insert_or_assign(path, v); });
    } else {
        out.insert_or_assign(path.substr(0, cut), nested(path.substr(cut + 1), leaf));
    }
    return out;
}

/// What a value may mean, the likelier first: a text, or what it would be in a configuration file.
std::vector<std::unique_ptr<toml::node>> meanings(const word& w) {
    std::vector<std::unique_ptr<toml::node>> out;
    out.push_back(std::make_unique<toml::value<std::string>>(w.text));
    if (w.spelled != word::form::bare && w.spelled != word::form::bracketed) return out;
    try {
        auto root = toml::parse("v = " + w.text);
        if (root.size() == 1)
            root.get("v")->visit(
                [&](const auto& v) { out.push_back(std::make_unique<std::remove_cvref_t<decltype(v)>>(v)); });
    } catch (const toml::parse_error&) {
        // Then it is a text and nothing else.
    }
    return out;
}

void set_option(client_section& to, const word& w) {
    std::vector<config_fault> faults;
    for (const auto& meaning : meanings(w)) {
        auto trial = to;
        reader r;
        read_table(nested(w.key, *meaning), standalone_client_schema(), trial, r);
        if (r.faults().empty()) {
            to = std::move(trial);
            return;
        }
        if (faults.empty()) faults = r.faults();
    }
    throw bad_command(describe(faults));
}

void set_property(mqtt::properties& to, const word& w, std::string_view prefix) {
    if (const auto fault = put_property(
            to, std::string_view(w.key).substr(prefix.size()), w.text, w.spelled == word::form::bracketed))
        throw bad_command(std::string(prefix) + fault.detail);
}

void set(client_settings& settings, client_section& section, word w) {
    if (w.key.empty()) w.key = "host";
    if (w.key == "demand") {
        if (w.text == "auto") return settings.demand.reset();
        settings.demand = to_number("demand", w.text, 0, std::numeric_limits<std::uint32_t>::max());
    } else if (w.key == "manual_auth") {
        settings.manual_auth = w.text;
    } else if (w.key.starts_with(connect_prefix)) {
        set_property(section.options.props, w, connect_prefix);
    } else if (w.key.starts_with(will_prefix)) {
        if (!section.options.will) section.options.will.emplace();
        set_property(section.options.will->props, w, will_prefix);
    } else {
        set_option(section, w);
    }
}

void check_all(const client_settings& settings) {
    auto options = settings.options;
    if (!settings.manual_auth.empty()) options.auth = [] { return nullptr; }; // that there will be one
    std::string out;
    for (const auto& f : mqtt::check(options))
        out += fmt::format("{}{} = {}: allowed: {}", out.empty() ? "" : "; ", f.path, f.value, f.allowed);
    if (!out.empty()) throw bad_command(out);
}

} // namespace

client_settings read_client_settings(arguments& words) {
    client_settings settings;
    client_section section;
    section.options.auto_ack = false;
    for (auto& w : words.everything())
        set(settings, section, std::move(w));
    reader r;
    read_secret_files(section, {}, r);
    if (!r.faults().empty()) throw bad_command(describe(r.faults()));
    settings.options = std::move(section.options);
    check_all(settings);
    return settings;
}

std::string client_settings_reference() {
    std::string out;
    const auto tell = [&](const std::string& path, const std::string& allowed, const std::string& doc) {
        out += fmt::format("{}\n    {}\n    {}\n", path, doc, allowed);
    };
    describe_keys(standalone_client_schema(), "", tell);
    tell("properties.NAME", "a property of CONNECT", "v5: under the standard's name");
    tell("will_props.NAME", "a property of the will", "v5: under the standard's name");
    tell("manual_auth", "a string", "v5: authentication method; the steps are events and the command auth");
    tell("demand", "auto, or a number of messages", "how many messages to take before the command demand");
    return out;
}

} // namespace weir::tool
