#include "transport/proxy_dialogue.hpp"

#include "transport/host_text.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <arpa/inet.h>
#include <openssl/evp.h>

#include <array>
#include <string_view>
#include <utility>

namespace weir::mqtt {
namespace {

error refusal(const std::string& status, const std::string& what) {
    return {errc::proxy_failed, status + ": " + what};
}

std::string base64(const std::string& text) {
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto size = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// HTTP CONNECT with basic authentication.
class http_dialogue final : public proxy_dialogue {
  public:
    http_dialogue(const proxy_options& options, std::string target)
        : options_(options)
        , target_(std::move(target)) {}

    std::string open() override {
        std::string request = "CONNECT " + target_ + " HTTP/1.1\r\nHost: " + target_ + "\r\n";
        if (!options_.username.empty())
            request +=
                "Proxy-Authorization: Basic " + base64(options_.username + ':' + options_.password) + "\r\n";
        return request + "\r\n";
    }

    step take(std::string& input) override {
        const auto end = input.find("\r\n\r\n");
        if (end == std::string::npos) {
            if (input.size() > longest_head) return {.failure = refusal("answer", "a head without an end")};
            return {};
        }
        const auto line = input.substr(0, input.find("\r\n"));
        input.erase(0, end + 4);
        const bool is_http = line.starts_with("HTTP/1.") && line.size() >= 12;
        if (!is_http) return {.failure = refusal("answer", "not HTTP")};
        if (line[9] == '2') return {.done = true};
        return {.failure = refusal(line.substr(9), "to CONNECT " + target_)};
    }

  private:
    static constexpr std::size_t longest_head = 16'384;

    const proxy_options& options_;
    const std::string target_;
};

/// SOCKS5 without or with user name and password; the proxy resolves names.
class socks_dialogue final : public proxy_dialogue {
  public:
    socks_dialogue(const proxy_options& options, std::string host, std::uint16_t port)
        : options_(options)
        , host_(std::move(host))
        , port_(port) {}

    std::string open() override {
        return options_.username.empty() ? std::string{"\x05\x01\x00", 3}
                                         : std::string{"\x05\x02\x00\x02", 4};
    }

    step take(std::string& input) override {
        switch (state_) {
        case state::method: return method(input);
        case state::password: return password(input);
        case state::answer: return answer(input);
        }
        return {};
    }

  private:
    enum class state : std::uint8_t { method, password, answer };

    step method(std::string& input) {
        if (input.size() < 2) return {};
        const auto chosen = input[1];
        const bool is_socks = input[0] == '\x05';
        input.erase(0, 2);
        if (!is_socks) return {.failure = refusal("answer", "not SOCKS version 5")};
        if (chosen == '\x00') return request();
        if (chosen == '\x02' && !options_.username.empty()) return introduce();
        return {.failure = refusal("255", "no way to authenticate that both know")};
    }

    step introduce() {
        state_ = state::password;
        return {.reply = '\x01' + counted(options_.username) + counted(options_.password)};
    }

    step password(std::string& input) {
        if (input.size() < 2) return {};
        const bool accepted = input[1] == '\0';
        input.erase(0, 2);
        return accepted ? request() : step{.failure = refusal("authentication", "user or password refused")};
    }

    step request() {
        state_ = state::answer;
        std::string out{"\x05\x01\x00", 3};
        out += address();
        out += static_cast<char>(port_ >> 8);
        out += static_cast<char>(port_ & 0xFF);
        return {.reply = std::move(out)};
    }

    step answer(std::string& input) {
        if (input.size() < 5) return {};
        const auto size = answer_size(input);
        if (size == 0) return {.failure = refusal("answer", "an address of an unknown type")};
        if (input.size() < size) return {};
        const auto code = static_cast<unsigned char>(input[1]);
        input.erase(0, size);
        if (code == 0) return {.done = true};
        return {.failure = refusal(std::to_string(code), meaning(code) + ": " + host_and_port(host_, port_))};
    }

    [[nodiscard]] std::string address() const {
        std::array<char, sizeof(in6_addr)> raw{};
        if (::inet_pton(AF_INET, host_.c_str(), raw.data()) == 1) return '\x01' + std::string{raw.data(), 4};
        if (::inet_pton(AF_INET6, host_.c_str(), raw.data()) == 1)
            return '\x04' + std::string{raw.data(), 16};
        return '\x03' + counted(host_);
    }

    static std::string counted(const std::string& text) { return static_cast<char>(text.size()) + text; }

    static std::size_t answer_size(const std::string& input) {
        switch (input[3]) {
        case '\x01': return 4 + 4 + 2;
        case '\x04': return 4 + 16 + 2;
        case '\x03': return 4 + 1 + static_cast<unsigned char>(input[4]) + 2u;
        default: return 0;
        }
    }

    static std::string meaning(unsigned code) {
        static constexpr std::array<std::string_view, 9> names{
            "",
            "general failure",
            "not allowed",
            "network unreachable",
            "host unreachable",
            "connection refused",
            "time to live expired",
            "command not supported",
            "address type not supported"};
        return std::string(code < names.size() ? names[code] : "refused");
    }

    const proxy_options& options_;
    const std::string host_;
    const std::uint16_t port_;
    state state_{state::method};
};

} // namespace

std::unique_ptr<proxy_dialogue> make_proxy_dialogue(
    const proxy_options& options, const std::string& host, std::uint16_t port) {
    if (options.kind == proxy_kind::http_connect)
        return std::make_unique<http_dialogue>(options, host_and_port(host, port));
    return std::make_unique<socks_dialogue>(options, without_brackets(host), port);
}

} // namespace weir::mqtt
