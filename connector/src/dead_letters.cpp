#include "dead_letters.hpp"

#include "dead_letter_message.hpp"
#include "record_pool.hpp"

#include <weir/base/log.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <bit>
#include <utility>

namespace weir::connector {

dead_letters::dead_letters(const producer_context& context, mqtt::io_lane& lane)
    : context_(context)
    , client_(lane, dead_letter_client_options(context.options, context.index), *this, context.time) {}

void dead_letters::put(const inbound_record& record, std::string_view reason, completion done) {
    {
        const std::lock_guard lock(mutex_);
        ++under_way_;
    }
    const auto version = record.pool->origin().version.load(std::memory_order_relaxed);
    client_.publish(
        make_dead_letter(context_.options, record, version, context_.client_id, reason),
        [this, done = std::move(done)](const mqtt::publish_done& outcome) {
            done(outcome.failed);
            finished();
        });
}

void dead_letters::finished() {
    const std::lock_guard lock(mutex_);
    if (--under_way_ == 0) idle_.notify_all();
}

void dead_letters::leave(time_point deadline) {
    std::unique_lock lock(mutex_);
    const bool is_idle = idle_.wait_until(lock, deadline, [this] { return under_way_ == 0; });
    lock.unlock();
    if (!is_idle) return client_.abort();
    client_.stop(mqtt::reason_code::normal_disconnection, {}, nullptr);
}

void dead_letters::on_warning(const std::string& text) {
    say(text);
}

void dead_letters::on_down(const mqtt::connection_down& info) {
    if (info.reason.code != mqtt::errc::local_close)
        say("connection to " + info.endpoint + " lost: " + info.reason.message());
}

void dead_letters::on_attempt_failed(const mqtt::connection_down& info) {
    if (std::has_single_bit(info.attempt))
        say("attempt " + std::to_string(info.attempt) + " to connect to " + info.endpoint +
            " failed: " + info.reason.message());
}

void dead_letters::say(const std::string& text) const {
    log(log_level::warning, context_.log_prefix() + "dead letters: " + text);
}

} // namespace weir::connector
