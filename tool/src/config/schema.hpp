#pragma once

#include "codec.hpp"
#include "printer.hpp"
#include "reader.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A table of a configuration file is described once, by a list of entries; reading, the names in error
/// messages, the effective configuration and the reference of all keys follow from it.
namespace weir::tool {

/// One key of a table whose values go into an `Owner`.
template <class Owner>
struct entry {
    std::string key{};
    std::string allowed{};
    std::string doc{};
    bool nested{false};  ///< a table of its own, written after the plain values
    bool refused{false}; ///< known, but not allowed here
    std::function<void(const toml::node&, Owner&, reader&)> read{};
    std::function<void(const Owner&, printer&)> print{};
    std::function<void(
        const std::function<void(const std::string&, const std::string&, const std::string&)>&)>
        describe_nested{}; ///< calls with path, allowed and doc of every key below
};

template <class Owner>
using schema = std::vector<entry<Owner>>;

template <class Owner>
[[nodiscard]] std::vector<std::string> known_keys(const schema<Owner>& s) {
    std::vector<std::string> out;
    for (const auto& e : s) {
        if (!e.refused) out.push_back(e.key);
    }
    return out;
}

template <class Owner>
void read_table(const toml::table& from, const schema<Owner>& s, Owner& to, reader& r) {
    for (const auto& element : from) {
        const toml::key& key = element.first;
        const toml::node& node = element.second;
        const auto found =
            std::find_if(s.begin(), s.end(), [&](const auto& e) { return e.key == key.str(); });
        if (found == s.end()) {
            r.unknown_key(key, known_keys(s));
            continue;
        }
        const reader::level inside(r, key.str(), node.source());
        found->read(node, to, r);
    }
}

template <class Owner>
void print_table(const schema<Owner>& s, const Owner& from, printer& p) {
    for (const bool nested : {false, true}) {
        for (const auto& e : s) {
            if (e.nested == nested && !e.refused) e.print(from, p);
        }
    }
}

/// Calls `tell(path, allowed, doc)` for every key that may be given.
template <class Owner, class Tell>
void describe_keys(const schema<Owner>& s, const std::string& prefix, const Tell& tell) {
    for (const auto& e : s) {
        if (e.refused) continue;
        if (e.describe_nested) {
            e.describe_nested([&](const std::string& path, const std::string& allowed,
                                  const std::string& doc) { tell(prefix + e.key + path, allowed, doc); });
        } else {
            tell(prefix + e.key, e.allowed, e.doc);
        }
    }
}

// -- values

/// A value reached through functions: `get` gives nothing when there is nothing to write.
template <class Owner, class T, class Get, class Set>
[[nodiscard]] entry<Owner> value_by(
    const std::string& key, const codec<T>& c, const std::string& doc, Get get, Set set,
    bool secret = false) {
    entry<Owner> e;
    e.key = key;
    e.allowed = c.allowed;
    e.doc = doc;
    e.read = [c, set, secret](const toml::node& n, Owner& to, reader& r) {
        if (auto v = c.read(n)) {
            set(to, std::move(*v));
        } else {
            r.refuse(n, c.allowed, secret);
        }
    };
    e.print = [c, get, key, secret](const Owner& from, printer& p) {
        const std::optional<T> v = get(from);
        if (v) p.value(key, c.write(*v), secret);
    };
    return e;
}

template <class Owner, class T>
[[nodiscard]] entry<Owner> value(
    const std::string& key, T Owner::*member, const codec<T>& c, const std::string& doc) {
    return value_by<Owner, T>(
        key, c, doc, [member](const Owner& o) { return std::optional(o.*member); },
        [member](Owner& o, T v) { o.*member = std::move(v); });
}

template <class Owner, class T>
[[nodiscard]] entry<Owner> value(
    const std::string& key, std::optional<T> Owner::*member, const codec<T>& c, const std::string& doc,
    bool secret = false) {
    return value_by<Owner, T>(
        key, c, doc, [member](const Owner& o) { return o.*member; },
        [member](Owner& o, T v) { o.*member = std::move(v); }, secret);
}

/// A key that exists elsewhere under this name, with the reason why not here.
template <class Owner>
[[nodiscard]] entry<Owner> refused(const std::string& key, std::string why) {
    entry<Owner> e;
    e.key = key;
    e.refused = true;
    e.read = [why = std::move(why)](const toml::node& n, Owner&, reader& r) { r.refuse_key(n, why); };
    return e;
}

/// An entry for a member of `Owner` made from one for a member of the part `Owner::*part`.
template <class Owner, class Part>
[[nodiscard]] entry<Owner> inside(Part Owner::*part, entry<Part> e) {
    entry<Owner> out{e.key, e.allowed, e.doc, e.nested, e.refused, {}, {}, e.describe_nested};
    out.read = [part, read = e.read](const toml::node& n, Owner& to, reader& r) { read(n, to.*part, r); };
    out.print = [part, print = e.print](const Owner& from, printer& p) { print(from.*part, p); };
    return out;
}

// -- tables

/// A table of its own. `get` gives null when there is none; `edit` makes it when it is given.
template <class Owner, class Sub, class Get, class Edit>
[[nodiscard]] entry<Owner> table_by(const std::string& key, const schema<Sub>& s, Get get, Edit edit) {
    entry<Owner> e;
    e.key = key;
    e.nested = true;
    e.read = [&s, edit](const toml::node& n, Owner& to, reader& r) {
        if (const auto* const t = n.as_table()) {
            read_table(*t, s, edit(to), r);
        } else {
            r.refuse(n, "a table");
        }
    };
    e.print = [&s, get, key](const Owner& from, printer& p) {
        const Sub* const sub = get(from);
        if (sub == nullptr) return;
        p.enter_table(key);
        print_table(s, *sub, p);
        p.leave();
    };
    e.describe_nested = [&s](const auto& tell) { describe_keys(s, ".", tell); };
    return e;
}

template <class Owner, class Sub>
[[nodiscard]] entry<Owner> table(const std::string& key, Sub Owner::*member, const schema<Sub>& s) {
    return table_by<Owner, Sub>(
        key, s, [member](const Owner& o) { return &(o.*member); },
        [member](Owner& o) -> Sub& { return o.*member; });
}

template <class Owner, class Sub>
[[nodiscard]] entry<Owner> table_list(
    const std::string& key, std::vector<Sub> Owner::*member, const schema<Sub>& s,
    std::function<void(const std::vector<Sub>&, printer&)> print) {
    entry<Owner> e;
    e.key = key;
    e.read = [&s, member](const toml::node& n, Owner& to, reader& r) {
        const auto* const list = n.as_array();
        if (list == nullptr) return r.refuse(n, "an array of tables");
        (to.*member).clear();
        for (const auto& element : *list) {
            const auto index = '[' + std::to_string((to.*member).size()) + ']';
            const reader::level inside(r, index, element.source());
            Sub& sub = (to.*member).emplace_back();
            if (const auto* const t = element.as_table()) {
                read_table(*t, s, sub, r);
            } else {
                r.refuse(element, "a table");
            }
        }
    };
    e.print = [member, print = std::move(print)](const Owner& from, printer& p) { print(from.*member, p); };
    e.describe_nested = [&s](const auto& tell) { describe_keys(s, "[].", tell); };
    return e;
}

/// `[[key]]` for each element.
template <class Owner, class Sub>
[[nodiscard]] entry<Owner> tables(std::string key, std::vector<Sub> Owner::*member, const schema<Sub>& s) {
    auto e = table_list<Owner, Sub>(key, member, s, [&s, key](const auto& list, printer& p) {
        for (const auto& sub : list) {
            p.enter_element(key);
            print_table(s, sub, p);
            p.leave();
        }
    });
    e.nested = true;
    return e;
}

/// `key = [{ ... }, { ... }]`.
template <class Owner, class Sub>
[[nodiscard]] entry<Owner> inline_tables(
    std::string key, std::vector<Sub> Owner::*member, const schema<Sub>& s) {
    return table_list<Owner, Sub>(key, member, s, [&s, key](const auto& list, printer& p) {
        p.begin_inline_array(key);
        for (const auto& sub : list) {
            p.begin_inline_element();
            print_table(s, sub, p);
            p.end_inline_element();
        }
        p.end_inline_array();
    });
}

} // namespace weir::tool
