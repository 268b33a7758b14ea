#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/errc.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace weir::pipeline::engine {
namespace {

constexpr std::uint32_t closed_bit = std::uint32_t{1} << 31;

} // namespace

void source::give_credit(std::size_t count) noexcept {
    credit_.fetch_add(count);
    const auto served = buffered() > 0 ? serve_buffer() : 0;
    if (served < count) announce(count - served);
}

std::size_t source::take_credit(std::size_t wanted) noexcept {
    auto available = credit_.load();
    for (;;) {
        const auto taken = std::min(wanted, available);
        if (taken == 0) return 0;
        if (credit_.compare_exchange_weak(available, available - taken)) return taken;
    }
}

void source::announce(std::size_t count) noexcept {
    if ((announcing_.fetch_add(1) & closed_bit) == 0) {
        try {
            producer_demand(count);
        } catch (...) {
            const auto why = capture_exception("producer::demand");
            services().failed(*this, {make_error_code(errc::producer_failed), why.text});
        }
    }
    announcing_.fetch_sub(1);
}

/// When this returns no announcement is under way and none will follow.
void source::close_announcements() noexcept {
    announcing_.fetch_or(closed_bit);
    while ((announcing_.load() & ~closed_bit) != 0)
        std::this_thread::yield(); // a producer's demand() does not block
}

void source::drain() noexcept {
    close_pushes();
    close_announcements();
    try {
        producer_drain();
    } catch (...) {
        static_cast<void>(capture_exception("producer::drain"));
        services().drained(*this); // there is nothing left to wait for
    }
}

void source::stop(time_point deadline) noexcept {
    try {
        producer_stop(deadline);
    } catch (...) {
        static_cast<void>(capture_exception("producer::stop"));
    }
}

} // namespace weir::pipeline::engine
