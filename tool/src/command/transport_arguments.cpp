#include "transport_arguments.hpp"

#include "config/names.hpp"

#include <arpa/inet.h>

#include <array>
#include <fstream>
#include <iterator>

namespace weir::tool {

namespace {

mqtt::tls_version version_of(const std::string& name) {
    if (const auto v = find_name(tls_version_names(), name)) return *v;
    throw CLI::ValidationError("--tls-version", name + " is none of tlsv1, tlsv1.1, tlsv1.2, tlsv1.3");
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1;
}

std::pair<std::string, std::string> header_of(const std::string& text) {
    const auto cut = text.find(':');
    if (cut == std::string::npos) throw CLI::ValidationError("--ws-header", "is not \"name: value\"");
    const auto begin = text.find_first_not_of(' ', cut + 1);
    return {text.substr(0, cut), begin == std::string::npos ? "" : text.substr(begin)};
}

void add_tls_options(CLI::App& command, transport_arguments& a, mqtt::tls_options& o) {
    command.add_option("--CAfile", o.cacertfile, "Certificates to trust; default: those of the system");
    command.add_option("--CApath", o.ca_path, "Folder of certificates to trust");
    command.add_option("--cert", o.certfile, "Own certificate");
    command.add_option("--key", o.keyfile, "Its key; default: --cert has it too");
    command.add_option("--key-password-file", a.key_password_file, "File with the password of the key");
    command.add_option_function<std::string>(
        "--tls-version", [&o](const std::string& v) { o.min_version = version_of(v); },
        "Oldest version: tlsv1, tlsv1.1, tlsv1.2 or tlsv1.3; default tlsv1.2");
    command.add_option("--ciphers", o.ciphers, "Ciphers up to TLS 1.2, as `openssl ciphers` has them");
    command.add_option("--alpn", o.alpn, "Protocol to offer, may be repeated");
    command.add_option("--sni", a.sni, "Name of the server, in place of the host");
    command.add_flag("--verify", a.verify, "Whether the server has to prove who it is; default true");
    command.add_flag("--insecure", a.insecure, "The same as --verify=false");
    auto* const identity = command.add_option("--psk-identity", o.psk_identity, "Name of a shared key");
    command
        .add_option("--psk", o.psk_key, "The shared key, in hexadecimal; seen by all users of this machine")
        ->needs(identity);
}

} // namespace

void add_transport_options(CLI::App& command, transport_arguments& a, mqtt::client_options& o) {
    command
        .add_option("--url", a.url, "Broker as mqtt://, mqtts://, ws://, wss://host[:port] or unix:///path")
        ->excludes(command.get_option("--host"))
        ->excludes(command.get_option("--port"));
    command.add_option("-I,--iface", a.iface, "Own address, or interface, to connect from");
    command.add_option("--proxy", o.proxy, "http://host:port or socks5://host:port");
    command.add_flag("--enable-ssl", o.ssl, "Over TLS, default port 8883");
    command.add_flag("--enable-websocket", o.websocket, "Over a WebSocket, default port 80, with TLS 443");
    command.add_option("--ws-path", o.ws_path, "Where the broker has its WebSocket")->capture_default_str();
    command.add_option("--ws-header", a.headers, "\"name: value\" of the request, may be repeated");
    add_tls_options(command, a, o.ssl_opts);
}

void apply(const transport_arguments& a, mqtt::client_options& o) {
    if (!a.url.empty()) o.host = a.url;
    (is_address(a.iface) ? o.tcp_opts.bind_address : o.tcp_opts.bind_interface) = a.iface;
    for (const auto& text : a.headers)
        o.ws_headers.push_back(header_of(text));
    // "true" is what other tools want to hear before they send the host; here that is the rule.
    if (a.sni != "true") o.ssl_opts.server_name_indication = a.sni;
    if (!a.verify || a.insecure) o.ssl_opts.verify = mqtt::tls_verify::verify_none;
    if (a.key_password_file) o.ssl_opts.key_password = secret_in(*a.key_password_file, "--key-password-file");
}

std::string secret_in(const std::string& path, const std::string& option) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw CLI::ValidationError(option, path + " cannot be read");
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (content.ends_with('\n')) content.pop_back();
    return content;
}

} // namespace weir::tool
