#pragma once

#include "client/cancellations.hpp"
#include "client/command.hpp"
#include "client/completion_table.hpp"
#include "client/connect_preparation.hpp"
#include "client/deadline_timer.hpp"
#include "client/delivery.hpp"
#include "client/errand.hpp"
#include "client/guarded.hpp"
#include "client/itinerary.hpp"
#include "client/link.hpp"
#include "client/mailbox.hpp"
#include "client/requests.hpp"
#include "client/room_queue.hpp"
#include "client/store_worker.hpp"
#include "io_lane_engine.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/reconnect.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::mqtt {

/// The client behind its handle. Calls of any thread go through the mailbox; everything else happens in turns
/// on the lane, each begun by the mailbox, the link or the timer and ended by `finish_turn`, which tells the
/// observer what happened, writes what is ready and sets the timer.
class client::impl final : public std::enable_shared_from_this<client::impl>, link_listener {
  public:
    impl(io_lane& lane, client_options options, client_observer& observer, const time_source& time);

    // -- from any thread
    void call(calls::command c);
    void call(calls::publish c);
    void acknowledge(std::span<const ack_outcome> outcomes);
    void demand(std::size_t messages);
    void wait_until_stopped();
    [[nodiscard]] connect_timings timings() const;
    [[nodiscard]] session_stats stats() const;
    [[nodiscard]] std::vector<granted_subscription> subscriptions() const;
    [[nodiscard]] cost io_stats() const;

    [[nodiscard]] client_status status() const noexcept { return status_.load(std::memory_order_relaxed); }

    [[nodiscard]] io_lane& lane() const noexcept { return lane_; }

    // -- on the lane
    /// Ends everything now, without another call of the observer: for a handle destroyed inside a callback.
    void abandon();

  private:
    enum class phase : std::uint8_t {
        idle,       ///< not started, or given up
        loading,    ///< reads the store
        waiting,    ///< for the next attempt
        attempting, ///< until CONNACK
        up,
        closing, ///< the session is done with the connection; it ends in good order
        stopped, ///< for ever
    };

    void wake();
    void begin_turn() noexcept;
    void finish_turn();
    void call_turn();
    void timer_turn();

    // calls
    void take_mail();
    void take_demand();
    void run_calls(std::size_t at_most);
    void drain_mail();
    void run(calls::publish c);
    void run(calls::subscribe c);
    void run(calls::unsubscribe c);
    void run(calls::cancel c);
    void run(calls::cancel_waiting);
    void run(calls::acknowledge c);
    void run(calls::release c);
    void run(calls::send_ack c);
    void run(calls::request c);
    void run(calls::ping c);
    void run(calls::reauthenticate c);
    void run(calls::start);
    void run(calls::pause);
    void run(calls::resume);
    void run(calls::drain c);
    void run(calls::reconnect);
    void run(calls::leave c);
    void run(calls::stop c);
    void run(calls::drop_connection);
    void run(calls::abort);
    [[nodiscard]] error refusal() const;

    /// Of a call that the mailbox may have had no room for.
    template <class Call>
    [[nodiscard]] error refusal_of(const Call& c) const {
        auto failed = refusal();
        if (!failed && c.refused)
            failed = {errc::queue_full, "more calls of this kind than the lane could take"};
        return failed;
    }

    void watch(operation_id operation, std::stop_token cancel);

    template <class Completion, class Outcome>
    void complete(const Completion& done, const Outcome& outcome) {
        if (done) guarded(*observer_, [&] { done(outcome); });
    }

    // publishes that wait for room
    [[nodiscard]] bool waits_for_room(const calls::publish& c) const noexcept;
    void wait_for_room(calls::publish c);
    void accept(calls::publish c);
    void admit_waiting();
    void fail_waiting(std::vector<calls::publish> all, const error& why);

    // requests and responses
    void advance_requests();
    void subscribe_to_responses();
    void fail_request(requests::number name, const error& why);
    void fail_requests(const std::vector<request_completion>& all, const error& why);
    void take_response(message_received&& m);

    // what is asked of the application away from the lane
    void open_session();
    void send_connect(connect_extras extras);
    void handle(const auth_challenge& e);
    void answer_challenge(const auth_message& challenge);
    void reauthenticate(beginning b);
    void forget_authentication();

    // the store
    void begin();
    void store_read(result<store_content> content);
    void store_refused(const error& why);
    void carry_changes(time_point now);
    void changes_written(const result<store_usage>& outcome);
    void leave_store();

    // events
    void dispatch();
    void dispatch_rest();

    [[nodiscard]] bool told_all() const noexcept { return next_event_ == events_.size(); }

    void deliver();
    void let_others_have_a_turn();
    void show_subscriptions();
    void announce_drained();

    void handle(const message_received&) noexcept {}

    void handle(const connected& e);
    void handle(const session_ready& e);
    void handle(const close_requested& e);
    void handle(const session_lost& e);
    void handle(const version_fallback& e);

    /// A notice: nothing follows from it here.
    template <class Notice>
    void handle(const Notice& e);
    void handle(const publish_stored& e);
    void handle(const publish_done& e);
    void handle(const subscribe_done& e);
    void handle(const unsubscribe_done& e);
    void handle(const ping_done& e);
    void handle(const reauthenticate_done& e);

    // the connection
    void link_passed(std::string_view step) override;

    void link_warned(const std::string& text) override { warnings_.push_back(text); }

    void link_up(const std::string& endpoint) override;
    void link_received(bytes chunk) override;
    void link_written() override;
    void link_ended(const error& reason) override;
    void begin_attempt();
    void warn_of_long_client_id();
    void warn_of_aliases_without_room();
    void tell_warnings();
    void attempt_timed_out();
    void close_as_asked();
    void connection_over(const close_requested& cause);
    [[nodiscard]] bool goes_on(const close_requested& cause, bool was_up);
    [[nodiscard]] std::string phase_of_attempt() const;
    void report_end(const connection_down& info, bool was_up);
    void give_up(const error& reason, const reconnect_policy::verdict& verdict);
    void end_now();
    void end_for_good();
    void announce_stop();

    [[nodiscard]] client_status status_now() const noexcept;
    [[nodiscard]] client_status step_after(std::string_view done) const noexcept;
    void note_step(std::string_view running) noexcept;
    void show_status() noexcept;

    void pump();
    void arm_timer();
    [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
    void publish_stats();

    io_lane& lane_;
    const std::shared_ptr<const client_options> settings_; // shared with work that may outlive the client
    const client_options& options_{*settings_};
    client_observer* observer_;
    const time_source& time_;
    mailbox mailbox_;

    // For the client's life, on the lane
    session session_;
    reconnect_policy policy_;
    itinerary route_;
    bool same_attempt_{false}; ///< the next host belongs to the attempt under way
    time_point attempt_deadline_{};
    completion_table completions_;
    cancellations cancellations_;
    std::unordered_map<operation_id, std::function<void()>> stored_; ///< bounded by the send queue
    requests requests_;
    room_queue for_room_;
    std::uint64_t refused_{0}; ///< publishes, here and in the mailbox
    std::uint64_t late_responses_{0};
    std::uint64_t calls_refused_{0}; ///< by the mailbox, and requests here
    protocol_version version_;       ///< in use
    delivery delivery_;
    link link_;
    const std::shared_ptr<tls_session_cache> tls_sessions_{make_tls_session_cache()};
    deadline_timer timer_;
    std::unique_ptr<store_worker> store_;
    bool store_open_{false};    ///< the session has what was in it
    bool store_busy_{false};    ///< a write is under way
    bool store_failing_{false}; ///< the last one failed
    bool store_closing_{false};
    phase phase_{phase::idle};
    bool gave_up_{false};
    bool stopping_{false};
    bool draining_{false};
    bool returning_{false}; ///< the connection ends to be made again
    time_point now_{};
    events events_;
    std::size_t next_event_{0};
    bool resting_{false};     ///< the rest of `events_` is for a turn that was asked for
    bool telling_all_{false}; ///< without a rest
    mailbox::content inbox_;
    std::size_t next_call_{0};
    std::vector<std::function<void()>> drained_; ///< to be called when this turn's messages are out
    std::vector<std::function<void()>> when_stopped_;
    cost cost_;

    // For one connection
    std::string endpoint_; ///< as asked for, then as reached
    time_point attempt_start_{};
    connect_timings timings_;
    std::vector<std::string> warnings_; ///< to be told with the connection
    std::optional<time_point> connect_deadline_;
    std::optional<time_point> retry_at_;
    std::optional<time_point> up_since_;
    client_status connecting_{client_status::resolve}; ///< the step, until the link is up
    std::optional<close_requested> close_;
    errand errand_;
    std::shared_ptr<authenticator> exchange_;            ///< while one runs
    client::reauthenticate_completion reauthentication_; ///< until its first message is made

    std::atomic<client_status> status_{client_status::initialized};
    mutable std::mutex shared_;
    std::condition_variable stopped_;
    bool is_stopped_{false};                                  ///< under `shared_`
    session_stats visible_stats_;                             ///< under `shared_`
    connect_timings visible_timings_;                         ///< under `shared_`
    cost visible_cost_;                                       ///< under `shared_`
    bool subscriptions_shown_{false};                         ///< as of the events now dispatched
    std::vector<granted_subscription> visible_subscriptions_; ///< under `shared_`
};

} // namespace weir::mqtt
