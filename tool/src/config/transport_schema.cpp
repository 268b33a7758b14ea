#include "names.hpp"
#include "schemas.hpp"

#include <weir/mqtt/transport/endpoint.hpp>

#include <algorithm>
#include <iterator>

namespace weir::tool {

namespace {

using namespace std::chrono;
using mqtt::client_options;
using mqtt::tcp_keepalive;
using mqtt::tcp_options;
using mqtt::tls_options;

/// A text that is not written while it is empty.
template <class Owner>
entry<Owner> text_of(
    const std::string& key, std::string Owner::*member, const std::string& doc, bool secret = false,
    const std::string& allowed = "a string") {
    return value_by<Owner, std::string>(
        key, text(allowed), doc,
        [member](const Owner& from) {
            return (from.*member).empty() ? std::nullopt : std::optional(from.*member);
        },
        [member](Owner& to, std::string v) { to.*member = std::move(v); }, secret);
}

entry<tls_options> file_of(const std::string& key, std::string tls_options::*member, const std::string& doc) {
    return text_of(key, member, doc, false, "the path of a file");
}

codec<mqtt::tls_verify> verify() {
    using enum mqtt::tls_verify;
    return one_of<mqtt::tls_verify>({{"verify_peer", verify_peer}, {"verify_none", verify_none}});
}

using list = std::vector<entry<tls_options>>;

list trust() {
    using o = tls_options;
    return {
        file_of("cacertfile", &o::cacertfile, "certificates to trust; without any: those of the system"),
        text_of("ca_path", &o::ca_path, "folder of certificates to trust", false, "the path of a folder"),
        text_of("ca_data", &o::ca_data, "certificates to trust, PEM"),
        value("verify", &o::verify, verify(), "verify_none takes any server for the right one"),
        value("verify_host", &o::verify_host, flag(), "the certificate has to name the host"),
        text_of(
            "server_name_indication", &o::server_name_indication,
            "asked for and looked for in the certificate, instead of the host"),
    };
}

list identity() {
    using o = tls_options;
    return {
        file_of("certfile", &o::certfile, "own certificate and those between it and the root"),
        file_of("keyfile", &o::keyfile, "its key; default: certfile has it too"),
        text_of("cert_data", &o::cert_data, "own certificate, PEM"),
        text_of("key_data", &o::key_data, "its key, PEM", true),
        text_of("psk_identity", &o::psk_identity, "name of a key shared with the broker"),
        text_of("psk_key", &o::psk_key, "that key, in hexadecimal", true),
    };
}

list spoken() {
    using o = tls_options;
    return {
        value("min_version", &o::min_version, one_of(tls_version_names()), "oldest version of TLS"),
        value("max_version", &o::max_version, one_of(tls_version_names()), "newest; default: no bound"),
        text_of("ciphers", &o::ciphers, "up to TLS 1.2, as `openssl ciphers` has them"),
        text_of("ciphersuites", &o::ciphersuites, "of TLS 1.3, separated by colons"),
        value("alpn", &o::alpn, text_list("an array of strings"), "protocols to offer"),
        value("session_resumption", &o::session_resumption, flag(), "take up the TLS session on a reconnect"),
        file_of("keylog_file", &o::keylog_file, "for debugging: who reads it can decrypt everything"),
    };
}

/// A password that came from a file is shown as that file, never as itself.
std::vector<entry<client_section>> key_password() {
    return {
        value_by<client_section, std::string>(
            "key_password", text(), "of an encrypted key; see also key_password_file",
            [](const client_section& from) {
                const auto& v = from.options.ssl_opts.key_password;
                return v.empty() || from.key_password_file ? std::nullopt : std::optional(v);
            },
            [](client_section& to, std::string v) { to.options.ssl_opts.key_password = std::move(v); }, true),
        value(
            "key_password_file", &client_section::key_password_file, text("the path of a file"),
            "file with that password; one newline at its end is dropped"),
    };
}

/// An entry for TLS as one for the client, whose options hold those of TLS.
entry<client_section> of_client(entry<tls_options> e) {
    return inside(&client_section::options, inside(&client_options::ssl_opts, std::move(e)));
}

codec<seconds> whole_seconds() {
    return converted<seconds>(
        second_count(32'767), [](std::uint32_t v) { return seconds{v}; },
        [](seconds v) { return static_cast<std::uint32_t>(v.count()); });
}

const schema<tcp_keepalive>& keepalive_schema() {
    using o = tcp_keepalive;
    static const schema<o> s{
        value("idle", &o::idle, whole_seconds(), "silence before the kernel asks the peer"),
        value("interval", &o::interval, whole_seconds(), "between questions"),
        value("count", &o::count, integer<std::uint32_t>(1, 127), "questions without an answer"),
    };
    return s;
}

entry<tcp_options> keepalive() {
    return table_by<tcp_options, tcp_keepalive>(
        "keepalive", keepalive_schema(),
        [](const tcp_options& from) { return from.keepalive ? &*from.keepalive : nullptr; },
        [](tcp_options& to) -> tcp_keepalive& {
            if (!to.keepalive) to.keepalive.emplace();
            return *to.keepalive;
        });
}

entry<tcp_options> buffer(
    const std::string& key, std::uint32_t tcp_options::*member, const std::string& doc) {
    return value(key, member, integer<std::uint32_t>(0, 1 << 30), doc + "; 0: the system's");
}

bool speaks_tls(const client_options& o) {
    const auto to = mqtt::parse_endpoint(o.host);
    return o.ssl || (to && mqtt::uses_tls(to->kind));
}

/// Shown unless it holds a password.
entry<client_section> proxy() {
    entry<client_section> e;
    e.key = "proxy";
    e.allowed = "\"http://host:port\" or \"socks5://host:port\", with user:password@ where it is needed";
    e.doc = "makes the connection to the broker on behalf of this client";
    e.read = [allowed = e.allowed](const toml::node& n, client_section& to, reader& r) {
        const auto* const v = n.as_string();
        if (v == nullptr) return r.refuse(n, allowed, true);
        to.options.proxy = v->get();
    };
    e.print = [](const client_section& from, printer& p) {
        const auto& v = from.options.proxy;
        if (!v.empty()) p.value("proxy", toml_string(v), v.find('@') != std::string::npos);
    };
    return e;
}

codec<mqtt::host_order> order() {
    using enum mqtt::host_order;
    return one_of<mqtt::host_order>({{"ordered", ordered}, {"random", random}, {"round_robin", round_robin}});
}

template <class T>
entry<client_section> option(
    const std::string& key, T client_options::*member, codec<T> c, const std::string& doc) {
    return inside(&client_section::options, value(key, member, std::move(c), doc));
}

} // namespace

const schema<client_section>& tls_schema() {
    static const auto s = [] {
        schema<client_section> all;
        for (const auto& part : {trust(), identity()})
            std::transform(part.begin(), part.end(), std::back_inserter(all), of_client);
        for (auto& e : key_password())
            all.push_back(std::move(e));
        for (auto& e : spoken())
            all.push_back(of_client(std::move(e)));
        return all;
    }();
    return s;
}

const schema<tcp_options>& tcp_schema() {
    using o = tcp_options;
    static const schema<o> s{
        value("nodelay", &o::nodelay, flag(), "TCP_NODELAY"),
        value("user_timeout", &o::user_timeout, time_span(), "TCP_USER_TIMEOUT; 0s: the system's"),
        text_of("bind_address", &o::bind_address, "own address to connect from"),
        text_of("bind_interface", &o::bind_interface, "interface to connect through"),
        buffer("receive_buffer", &o::receive_buffer, "SO_RCVBUF, in bytes"),
        buffer("send_buffer", &o::send_buffer, "SO_SNDBUF, in bytes"),
        keepalive(),
    };
    return s;
}

std::vector<entry<client_section>> transport_entries() {
    using o = client_options;
    auto headers = value_by<o, std::vector<std::pair<std::string, std::string>>>(
        "ws_headers", text_pairs(), "of the request for a WebSocket; may hold secrets",
        [](const o& from) { return from.ws_headers.empty() ? std::nullopt : std::optional(from.ws_headers); },
        [](o& to, auto v) { to.ws_headers = std::move(v); }, true);
    auto ssl = table_by<client_section, client_section>(
        "ssl_opts", tls_schema(),
        [](const client_section& from) { return speaks_tls(from.options) ? &from : nullptr; },
        [](client_section& to) -> client_section& { return to; });
    return {
        option(
            "hosts", &o::hosts, text_list("an array of names, addresses or URIs"),
            "several, in place of host"),
        option("host_order", &o::host_order, order(), "in which an attempt goes round hosts"),
        option("sticky", &o::sticky, flag(), "a host whose connection lasted comes first"),
        option(
            "follow_server_reference", &o::follow_server_reference, flag(),
            "v5: go where a broker sends this client, three times in a row at most"),
        proxy(),
        option("ssl", &o::ssl, flag(), "over TLS; also by host = \"mqtts://...\""),
        option("websocket", &o::websocket, flag(), "over a WebSocket; also by host = \"ws://...\""),
        option("ws_path", &o::ws_path, text(), "where the broker has its WebSocket"),
        inside(
            &client_section::options,
            text_of("ws_query", &o::ws_query, "follows ws_path, without the question mark")),
        inside(&client_section::options, std::move(headers)),
        std::move(ssl),
        inside(&client_section::options, table("tcp_opts", &o::tcp_opts, tcp_schema())),
        refused<client_section>("nodelay", "it is producer.config.tcp_opts.nodelay"),
    };
}

} // namespace weir::tool
