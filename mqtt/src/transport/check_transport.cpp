#include "transport/check_transport.hpp"

#include "transport/host_text.hpp"
#include "transport/route.hpp"
#include "transport/tls_context.hpp"

#include <weir/mqtt/transport/proxy.hpp>

#include <net/if.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

std::string shown(const std::string& text) {
    return '"' + text + '"';
}

bool has_scheme(const std::string& host) {
    return host.find("://") != std::string::npos;
}

/// Whether anything in it differs from a fresh one, so that whoever wrote it means TLS.
bool is_touched(const tls_options& o) {
    const tls_options fresh;
    const bool texts = !o.cacertfile.empty() || !o.ca_path.empty() || !o.ca_data.empty() ||
                       !o.certfile.empty() || !o.keyfile.empty() || !o.cert_data.empty() ||
                       !o.key_data.empty() || !o.psk_identity.empty() || !o.psk_key.empty() ||
                       !o.server_name_indication.empty() || !o.ciphers.empty() || !o.ciphersuites.empty() ||
                       !o.keylog_file.empty() || !o.key_password.empty();
    return texts || o.verify != fresh.verify || o.verify_host != fresh.verify_host ||
           o.min_version != fresh.min_version || o.max_version || !o.alpn.empty() ||
           o.session_resumption != fresh.session_resumption || o.key_password_callback;
}

/// No line of a request may be broken by what is put into it.
bool is_request_text(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u > ' ' && u < 0x7F;
    });
}

bool is_header_name(const std::string& text) {
    return !text.empty() && is_request_text(text) &&
           text.find_first_of("():<>@,;\\\"/[]?={}") == std::string::npos;
}

bool is_header_value(const std::string& text) {
    return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos;
}

class examiner {
  public:
    explicit examiner(const client_options& o)
        : o_(o) {}

    std::vector<option_fault> examine() {
        places();
        proxy();
        callbacks();
        tls();
        websocket();
        socket();
        return std::move(faults_);
    }

  private:
    void places();
    void place(const std::string& path, const std::string& host);
    void agreement(const std::string& scheme, const endpoint& to);
    void proxy();
    void callbacks();
    void tls();
    void websocket();
    void socket();
    void keepalive(const tcp_keepalive& k);

    void add(std::string path, std::string value, std::string allowed) {
        faults_.push_back({std::move(path), std::move(value), std::move(allowed)});
    }

    const client_options& o_;
    std::vector<option_fault> faults_;
    bool secure_{false};
    bool over_websocket_{false};
    bool over_tcp_{false};
};

void examiner::places() {
    if (o_.hosts.empty()) return place("host", o_.host);
    for (std::size_t i = 0; i < o_.hosts.size(); ++i)
        place("hosts[" + std::to_string(i) + ']', o_.hosts[i]);
    if (o_.host != client_options{}.host) add("host", shown(o_.host), "not given beside hosts");
}

void examiner::place(const std::string& path, const std::string& host) {
    const auto to = parse_endpoint(host, defaults_of(o_));
    const bool names_user = host.find('@') != std::string::npos; // and perhaps a password
    if (!to)
        return add(
            path, names_user ? "(hidden)" : shown(host), "a name, an address or a URI: " + to.error().detail);
    secure_ = secure_ || uses_tls(to->kind);
    over_websocket_ = over_websocket_ || uses_websocket(to->kind);
    over_tcp_ = over_tcp_ || to->kind != transport_kind::unix_socket;
    if (has_scheme(host)) agreement(path + " says " + host, *to);
}

void examiner::agreement(const std::string& scheme, const endpoint& to) {
    if (o_.ssl && !uses_tls(to.kind)) add("ssl", "true", "not given, since " + scheme);
    if (o_.websocket && !uses_websocket(to.kind)) add("websocket", "true", "not given, since " + scheme);
    if (o_.port != 0 && o_.hosts.empty() && o_.port != to.port)
        add("port", std::to_string(o_.port), "not given, since " + scheme);
    const client_options fresh;
    if (!to.path.empty() && o_.ws_path != fresh.ws_path && o_.ws_path != to.path)
        add("ws_path", shown(o_.ws_path), "not given, since " + scheme);
    if (!to.query.empty() && !o_.ws_query.empty() && o_.ws_query != to.query)
        add("ws_query", shown(o_.ws_query), "not given, since " + scheme);
}

void examiner::proxy() {
    if (o_.proxy.empty()) return;
    if (const auto p = parse_proxy(o_.proxy); !p)
        add("proxy", "(hidden)", "\"http://host:port\" or \"socks5://host:port\": " + p.error().detail);
    if (!over_tcp_ || o_.byte_stream) add("proxy", "(hidden)", "only with TCP");
}

void examiner::callbacks() {
    if (o_.credentials_callback && (o_.username || o_.password))
        add("credentials_callback", "(given)", "not beside username and password");
}

void examiner::tls() {
    if (!secure_) {
        if (is_touched(o_.ssl_opts))
            add("ssl_opts", "(given)", "only with ssl = true or a host that begins with mqtts:// or wss://");
        return;
    }
    for (auto& f : make_tls_context(o_.ssl_opts, purpose::check).faults)
        add("ssl_opts." + f.path, std::move(f.value), std::move(f.allowed));
    if (!o_.ssl_opts.key_password.empty() && o_.ssl_opts.key_password_callback)
        add("ssl_opts.key_password", "(hidden)", "one of key_password and key_password_callback");
}

void examiner::websocket() {
    if (!o_.ws_path.starts_with('/') || !is_request_text(o_.ws_path) ||
        o_.ws_path.find_first_of("?#") != std::string::npos)
        add("ws_path", shown(o_.ws_path), "a path that begins with /, without a query");
    if (!is_request_text(o_.ws_query) || o_.ws_query.find('#') != std::string::npos)
        add("ws_query", shown(o_.ws_query), "a query as it stands in a URI, without the question mark");
    for (const auto& [name, value] : o_.ws_headers) {
        if (!is_header_name(name)) add("ws_headers", shown(name), "names of HTTP headers");
        if (!is_header_value(value)) add("ws_headers", "(value of " + name + ")", "a single line");
    }
    if (over_websocket_) return;
    const auto* const allowed = "only with websocket = true or a host that begins with ws:// or wss://";
    if (o_.ws_path != client_options{}.ws_path) add("ws_path", shown(o_.ws_path), allowed);
    if (!o_.ws_query.empty()) add("ws_query", shown(o_.ws_query), allowed);
    if (!o_.ws_headers.empty()) add("ws_headers", "(given)", allowed);
}

void examiner::socket() {
    const auto& t = o_.tcp_opts;
    if ((!over_tcp_ || o_.byte_stream) && t != tcp_options{}) add("tcp_opts", "(given)", "only with TCP");
    if (t.user_timeout.count() < 0 || t.user_timeout.count() > std::numeric_limits<int>::max())
        add("tcp_opts.user_timeout", std::to_string(t.user_timeout.count()) + "ms", "0 or more");
    if (!t.bind_address.empty() && !is_ip_address(without_brackets(t.bind_address)))
        add("tcp_opts.bind_address", shown(t.bind_address), "an IPv4 or IPv6 address");
    if (t.bind_interface.size() >= IF_NAMESIZE)
        add("tcp_opts.bind_interface", shown(t.bind_interface), "the name of an interface, at most 15 bytes");
    constexpr std::uint32_t largest_buffer = 1u << 30;
    if (t.receive_buffer > largest_buffer)
        add("tcp_opts.receive_buffer", std::to_string(t.receive_buffer), "0..1073741824");
    if (t.send_buffer > largest_buffer)
        add("tcp_opts.send_buffer", std::to_string(t.send_buffer), "0..1073741824");
    if (t.keepalive) keepalive(*t.keepalive);
}

void examiner::keepalive(const tcp_keepalive& k) {
    constexpr std::int64_t longest = 32'767;
    constexpr std::uint32_t most = 127;
    const auto span = [&](const char* name, std::chrono::seconds v) {
        if (v.count() < 1 || v.count() > longest)
            add(std::string("tcp_opts.keepalive.") + name, std::to_string(v.count()) + "s", "1s..32767s");
    };
    span("idle", k.idle);
    span("interval", k.interval);
    if (k.count < 1 || k.count > most) add("tcp_opts.keepalive.count", std::to_string(k.count), "1..127");
}

} // namespace

std::vector<option_fault> check_transport(const client_options& options) {
    return examiner{options}.examine();
}

} // namespace weir::mqtt
