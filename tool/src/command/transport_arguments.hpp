#pragma once

#include <weir/mqtt/options.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// How the broker is reached, as far as the command line says it in another form than the client.
struct transport_arguments {
    std::string url{};
    std::string iface{};
    std::vector<std::string> headers{};
    std::string sni{};
    bool verify{true};
    bool insecure{false};
    std::optional<std::string> key_password_file{};
};

/// Adds them to a subcommand: TLS, WebSocket, URL, interface, proxy.
void add_transport_options(CLI::App& command, transport_arguments& a, mqtt::client_options& o);

/// Puts what they say into `o`. Throws `CLI::ValidationError`.
void apply(const transport_arguments& a, mqtt::client_options& o);

/// The content of a file that holds one secret; a newline at its end is dropped. Throws
/// `CLI::ValidationError` in the name of `option`.
[[nodiscard]] std::string secret_in(const std::string& path, const std::string& option);

} // namespace weir::tool
