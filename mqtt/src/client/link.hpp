#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/session/session.hpp>
#include <weir/mqtt/transport/transport.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// Told by a `link` what its connection does. On the lane, never from inside a call of the link.
class link_listener {
  public:
    /// As those of `transport_listener`; only to be noted.
    virtual void link_passed(std::string_view phase) = 0;
    virtual void link_warned(const std::string& text) = 0;

    virtual void link_up(const std::string& endpoint) = 0;
    virtual void link_received(bytes chunk) = 0;
    virtual void link_written() = 0;
    virtual void link_ended(const error& reason) = 0;

  protected:
    link_listener() = default;
    link_listener(const link_listener&) = default;
    link_listener& operator=(const link_listener&) = default;
    ~link_listener() = default;
};

/// One connection at a time: pumps bytes between a session and a transport, watches that writing gets
/// ahead, and ends in good order. Everything it knows is made anew by `open`. Lane only.
class link final : transport_listener {
  public:
    struct settings {
        std::chrono::milliseconds write_timeout{};
        std::chrono::milliseconds close_timeout{};
    };

    link(settings limits, const time_source& time, link_listener& listener)
        : limits_(limits)
        , time_(time)
        , listener_(listener) {}

    /// Begins a connection over `stream`.
    void open(std::unique_ptr<transport> stream, const std::string& host, std::uint16_t port);

    /// Writes what the session has ready, unless a write is under way: then it follows that one.
    void send(session& source);

    /// Keeps one read outstanding; to be called while more is wanted.
    void want_more();

    /// Sends the last of the session's output, half-closes, discards what still arrives, until the peer ends
    /// too or `close_timeout` has passed; `link_ended` follows. Closing with bytes unread would make the
    /// kernel send RST, which can destroy the last packets before the peer has read them.
    void finish(session& source);

    /// Ends at once; no call of the listener follows.
    void drop() noexcept;

    [[nodiscard]] bool is_up() const noexcept { return up_; }

    /// "resolve" and the like until the transport is up, then "connack"; also when it has ended.
    [[nodiscard]] std::string_view phase() const noexcept;

    /// When `ticked` wants to be called.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;
    void ticked(time_point now);

    /// Of all connections together.
    [[nodiscard]] transport::counters stats() const noexcept;

  private:
    void transport_passed(std::string_view phase) override { listener_.link_passed(phase); }

    void transport_warned(const std::string& text) override { listener_.link_warned(text); }

    void transport_connected(const std::string& endpoint) override;
    void transport_received(bytes chunk) override;
    void transport_written() override;
    void transport_failed(const error& reason) override;

    void write_output(session& source);
    void finish_writing();
    void check_progress(time_point now);
    void end(const error& reason);

    const settings limits_;
    const time_source& time_;
    link_listener& listener_;
    std::string_view ended_in_{"resolve"}; ///< the phase it was in
    transport::counters past_;             ///< of connections that are gone

    // For one connection
    std::unique_ptr<transport> transport_;
    output_buffer out_;
    bool up_{false};
    bool reading_{false};
    bool writing_{false};
    session* last_words_{nullptr}; ///< while finishing, until its output was taken
    bool finishing_{false};
    std::optional<time_point> progress_check_;
    std::uint64_t progress_{0}; ///< bytes written when the check was set
    std::optional<time_point> close_by_;
};

} // namespace weir::mqtt
