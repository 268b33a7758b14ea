#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/transport/proxy.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir::mqtt {

/// What is said to a proxy before it becomes a pipe: text goes in and comes out, no socket.
class proxy_dialogue {
  public:
    struct step {
        std::string reply{}; ///< to be sent
        bool done{false};    ///< what follows is the broker's
        std::optional<error> failure{};
    };

    proxy_dialogue() = default;
    proxy_dialogue(const proxy_dialogue&) = delete;
    proxy_dialogue& operator=(const proxy_dialogue&) = delete;
    virtual ~proxy_dialogue() = default;

    /// What the client says first.
    [[nodiscard]] virtual std::string open() = 0;

    /// Takes what it can use from the start of `input`; the rest stays.
    [[nodiscard]] virtual step take(std::string& input) = 0;
};

/// To reach `host` by way of a proxy. `options` must outlive it.
[[nodiscard]] std::unique_ptr<proxy_dialogue> make_proxy_dialogue(
    const proxy_options& options, const std::string& host, std::uint16_t port);

} // namespace weir::mqtt
