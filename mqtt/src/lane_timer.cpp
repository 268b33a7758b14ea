#include "io_lane_engine.hpp"

#include <weir/mqtt/lane_timer.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <future>
#include <optional>
#include <utility>

namespace weir::mqtt {

/// Touched on the lane only.
struct lane_timer::impl : std::enable_shared_from_this<lane_timer::impl> {
    impl(io_lane& l, std::function<void()> f)
        : lane(l)
        , timer(l.native().context)
        , on_due(std::move(f)) {}

    void arm(time_point when) {
        if (cancelled || (due && *due <= when)) return;
        due = when;
        timer.expires_at(when); // ends the wait for a later time, which then finds itself aborted
        timer.async_wait([self = shared_from_this()](boost::system::error_code aborted) {
            if (!aborted) self->fire();
        });
    }

    void fire() {
        if (cancelled) return;
        due.reset();
        on_due();
    }

    void cancel() {
        cancelled = true;
        timer.cancel();
    }

    io_lane& lane;
    boost::asio::steady_timer timer;
    std::function<void()> on_due;
    std::optional<time_point> due;
    bool cancelled{false};
};

lane_timer::lane_timer(io_lane& lane, std::function<void()> on_due)
    : impl_(std::make_shared<impl>(lane, std::move(on_due))) {}

lane_timer::~lane_timer() {
    cancel();
}

void lane_timer::at(time_point when) {
    impl_->lane.post([timer = impl_, when] { timer->arm(when); });
}

void lane_timer::cancel() {
    if (impl_->lane.is_current()) return impl_->cancel();
    std::promise<void> done;
    impl_->lane.post([&] {
        impl_->cancel();
        done.set_value();
    });
    done.get_future().wait();
}

} // namespace weir::mqtt
