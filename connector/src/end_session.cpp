#include <weir/connector/end_session.hpp>
#include <weir/mqtt/client.hpp>
#include <weir/mqtt/io_lane.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::connector {

namespace {

/// One connection that ends as soon as it is up.
class visit final : mqtt::client_observer {
  public:
    explicit visit(mqtt::client_options o)
        : client_(lane_, std::move(o), *this) {}

    [[nodiscard]] error make(std::chrono::milliseconds limit) {
        client_.start();
        std::unique_lock lock(mutex_);
        const bool over = changed_.wait_for(lock, limit, [this] { return outcome_.has_value(); });
        lock.unlock();
        if (!over) client_.abort();
        client_.stop();
        return over ? *outcome_ : error{mqtt::errc::connect_timeout};
    }

  private:
    void on_connected(const mqtt::connected&, const std::string&, duration) override { done({}); }

    void on_attempt_failed(const mqtt::connection_down& info) override {
        if (!info.will_retry) done(info.reason);
    }

    void done(const error& outcome) {
        const std::lock_guard lock(mutex_);
        if (!outcome_) outcome_ = outcome;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<error> outcome_;
    mqtt::io_lane lane_{"weir-end"};
    mqtt::client client_; ///< last: it ends what calls back
};

} // namespace

result<void> end_session(mqtt::client_options who, std::chrono::milliseconds limit) {
    if (who.clientid.empty()) throw std::invalid_argument("clientid: \"\": the session to end");
    who.clean_start = true;
    who.session_expiry.reset();
    who.will.reset();
    who.will_from = nullptr;
    who.confirm_release = false;
    who.store = {};
    who.store_from = nullptr;
    who.qos2_receive = mqtt::qos2_receive::after_ack;
    who.reconnect = 0;
    who.retry_fatal = false;
    if (auto failed = visit(std::move(who)).make(limit)) return failed;
    return {};
}

} // namespace weir::connector
