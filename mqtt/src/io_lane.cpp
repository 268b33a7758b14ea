#include "io_lane_engine.hpp"

#include <weir/base/operation.hpp>

#include <boost/asio/post.hpp>
#include <pthread.h>

#include <algorithm>
#include <utility>

namespace weir::mqtt {
namespace {

/// The kernel refuses longer names instead of cutting them.
constexpr std::size_t longest_thread_name = 15;

void name_this_thread(std::string name) {
    name.resize(std::min(name.size(), longest_thread_name));
    pthread_setname_np(pthread_self(), name.c_str());
}

} // namespace

io_lane::io_lane(std::string name)
    : engine_(std::make_unique<engine>()) {
    engine_->thread = std::thread([context = &engine_->context, name = std::move(name)]() mutable {
        name_this_thread(std::move(name));
        const must_not_wait for_what_it_completes;
        context->run();
    });
}

io_lane::~io_lane() {
    // What was posted still runs; only then does the loop find nothing left to wait for.
    engine_->work.reset();
    engine_->thread.join();
}

void io_lane::post(std::function<void()> task) {
    boost::asio::post(engine_->context, std::move(task));
}

bool io_lane::is_current() const noexcept {
    return std::this_thread::get_id() == engine_->thread.get_id();
}

} // namespace weir::mqtt
