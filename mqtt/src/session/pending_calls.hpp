#pragma once

#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/outbox.hpp"
#include "session/packet_ids.hpp"
#include "session/server_limits.hpp"
#include "session/subscription_table.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::mqtt {

/// SUBSCRIBE and UNSUBSCRIBE on their way: sent as soon as there is a connection (a full publish window never
/// holds them up), in several packets where the server's Maximum Packet Size asks for it, sent again on the
/// next connection when this one ends, and each answered once, at the latest `ack_timeout` after it was
/// first sent.
class pending_calls {
  public:
    static constexpr std::size_t most = 1'000;

    /// The references outlive it.
    pending_calls(
        const client_options& options, packet_ids& ids, subscription_table& table, drop_report& drops);

    /// Takes the call under the name of `operation`, or says why not.
    [[nodiscard]] std::optional<error> subscribe(
        operation_id operation, std::vector<subscription> list, properties props);
    [[nodiscard]] std::optional<error> unsubscribe(
        operation_id operation, std::vector<std::string> filters, properties props);

    /// Another version; nothing was sent so far.
    void change_version(protocol_version version) noexcept { version_ = version; }

    /// A connection stands: everything that waits belongs to what makes it ready. `again`: the table's
    /// subscriptions are to be made anew.
    void opened(const server_limits& limits, bool again);

    /// Sends what has not been sent on this connection. What fails then was accepted on an earlier one.
    void send_waiting(time_point now, outbox& out, events& ev);

    [[nodiscard]] std::optional<close_cause> received(const suback& s, events& ev);
    [[nodiscard]] std::optional<close_cause> received(const unsuback& u, events& ev);

    /// Ends the operation, if it is one of these, with `aborted`.
    void cancel(operation_id operation, events& ev);
    void expire(time_point now, events& ev);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    void connection_lost(events& ev);
    void abort(events& ev);

    /// Every subscription that was waiting when the connection came up has been answered.
    [[nodiscard]] bool subscriptions_stand() const noexcept { return awaited_ == 0; }

  private:
    /// One packet of a call: its filters are [begin, begin + codes wanted).
    struct part {
        std::uint16_t packet_id{0};
        std::size_t begin{0};
        std::size_t count{0};
    };

    struct call {
        operation_id operation{0};
        bool subscribes{true};
        std::vector<subscription> list{};
        std::vector<std::string> filters{};
        properties props{};
        std::vector<reason_code> codes{};
        properties answer_props{};
        std::vector<part> unanswered{};
        bool sent{false}; ///< on this connection
        bool awaited{false};
        std::optional<time_point> deadline{};

        [[nodiscard]] std::size_t size() const noexcept { return subscribes ? list.size() : filters.size(); }

        [[nodiscard]] packet slice(std::size_t begin, std::size_t count, std::uint16_t id) const;
    };

    using calls = std::list<call>; // at most `most`

    [[nodiscard]] std::set<std::string_view> about_to_subscribe() const;
    [[nodiscard]] std::optional<error> accept(call c);
    [[nodiscard]] std::optional<error> plan(call& c);
    [[nodiscard]] bool number_parts(call& c);
    void send(call& c, outbox& out);
    [[nodiscard]] calls::iterator find(std::uint16_t packet_id, bool subscribes);
    [[nodiscard]] std::optional<close_cause> answer(
        std::uint16_t packet_id, bool subscribes, std::vector<reason_code> codes, const properties& props,
        events& ev);
    void note_late(std::uint16_t packet_id);
    void take_in(
        call& c, const part& p, const std::vector<reason_code>& codes, const properties& props, events& ev);
    void leave(calls::iterator c, error why, events& ev);
    void finish(calls::iterator c, error failed, events& ev);
    void release_ids(call& c);

    protocol_version version_;
    std::chrono::milliseconds ack_timeout_;
    bool retry_;
    bool strict_utf8_;
    packet_ids& ids_;
    subscription_table& table_;
    drop_report& drops_;
    server_limits limits_{};
    bool connected_{false};
    calls calls_{};
    std::vector<std::uint16_t> given_up_{}; ///< ids whose answer may still come on this connection
    std::size_t awaited_{0};
};

} // namespace weir::mqtt
