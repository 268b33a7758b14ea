#pragma once

#include <weir/base/time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace weir::mqtt {

/// One timer that is told again and again when it is needed next. Moving the moment back is free: the timer
/// then fires early once and is told the new moment, which is cheaper than arming it anew with every read.
/// Lane only.
class deadline_timer {
  public:
    deadline_timer(boost::asio::io_context& context, const time_source& time)
        : timer_(context)
        , time_(time) {}

    /// `fire` is called at `when` or before, and keeps what it holds alive until then or until `cancel`.
    template <class Fire>
    void arm(std::optional<time_point> when, Fire fire) {
        if (!when || (armed_ && *armed_ <= *when)) return;
        armed_ = when;
        timer_.expires_after(*when - time_.now());
        timer_.async_wait([this, fire = std::move(fire)](const boost::system::error_code& ec) {
            if (ec) return;
            armed_.reset();
            fire();
        });
    }

    void cancel() {
        armed_.reset();
        timer_.cancel();
    }

  private:
    boost::asio::steady_timer timer_;
    const time_source& time_;
    std::optional<time_point> armed_;
};

} // namespace weir::mqtt
