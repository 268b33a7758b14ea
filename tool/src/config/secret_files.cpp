#include "secret_files.hpp"

#include "client/payload_source.hpp"

#include <optional>
#include <stdexcept>

namespace weir::tool {

namespace {

std::optional<std::string> secret_in(const std::string& path) try {
    auto content = read_all(path);
    if (content.ends_with('\n')) content.pop_back();
    return content;

} catch (const std::runtime_error&) {

    return std::nullopt;
}

} // namespace

void read_secret_files(client_section& c, const std::string& prefix, reader& r) {
    const auto read = [&](const std::string& key, const std::string& path, bool is_given, auto& to) {
        const auto where = prefix + key;
        const auto name = key.substr(key.find('.') + 1);
        if (is_given)
            return r.add_checked(
                where + "_file", toml_string(path), "one of " + name + " and " + name + "_file");
        auto content = secret_in(path);
        if (!content) return r.add_checked(where + "_file", toml_string(path), "a file that can be read");
        to = std::move(*content);
    };
    auto& o = c.options;
    if (c.password_file) read("password", *c.password_file, o.password.has_value(), o.password);
    if (c.key_password_file)
        read(
            "ssl_opts.key_password", *c.key_password_file, !o.ssl_opts.key_password.empty(),
            o.ssl_opts.key_password);
}

} // namespace weir::tool
