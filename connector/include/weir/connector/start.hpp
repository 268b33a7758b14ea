#pragma once

#include <weir/connector/inbound.hpp>
#include <weir/connector/options.hpp>
#include <weir/connector/running.hpp>
#include <weir/pipeline/start.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::connector {

/// A function that makes a value of a received message, or says why it cannot: `result<T>(const inbound&)`.
template <class Decoder>
concept decoder = std::is_invocable_v<Decoder&, const inbound&> && requires {
    typename std::invoke_result_t<Decoder&, const inbound&>::value_type;
};

template <decoder Decoder>
using decoded_type = typename std::invoke_result_t<Decoder&, const inbound&>::value_type;

/// A source that is ready to be started, and what the pipeline it feeds is to look like.
struct prepared {
    std::shared_ptr<mqtt_source> source;
    std::vector<std::shared_ptr<pipeline::producer<inbound>>> producers;
    pipeline::options pipeline;
    std::shared_ptr<weir::telemetry> bus;
    std::optional<std::chrono::milliseconds> ready_within{}; ///< with `startup::wait`
};

/// Throws `std::invalid_argument` naming every fault of `o`, one a line, or who has its client ids.
[[nodiscard]] prepared prepare(options o, const pipeline::handler_abilities& handler);

/// Returns when every connection of `r` is ready. Otherwise stops it and throws `std::system_error` with the
/// reason.
void await_startup(running& r, std::chrono::milliseconds limit);

/// Starts a pipeline that is fed from a broker. `decode` and `handler` run on processors' threads and are
/// shared by all of them; an error or exception of `decode` fails that message, which is then
/// `on_failure`'s matter as any other; `weir::drop` ends it as successful, unhandled, counted and told by
/// `message.dropped`. Returns at once, and
/// connecting goes on in the background, with backoff, for as long as it takes; with `producer.startup` =
/// wait when all connections are ready.
///
/// Throws `std::invalid_argument` naming every fault of `o`, or the pipeline of this process that is
/// connected to the same broker with the same client id; what `pipeline::start` throws; and with
/// `producer.startup` = wait `std::system_error` when a connection could not be made.
template <class Handler, decoder Decoder>
[[nodiscard]] running start(Handler handler, Decoder decode, options o) {
    using handler_class = pipeline::handler_type<Handler>;
    auto p = prepare(std::move(o), pipeline::abilities_of<handler_class, decoded_type<Decoder>, inbound>());
    auto at_work = pipeline::start<inbound>(
        std::move(p.pipeline), std::move(p.producers), std::move(handler), std::move(decode),
        std::move(p.bus));
    running r{std::move(at_work), std::move(p.source)};
    if (p.ready_within) await_startup(r, *p.ready_within);
    return r;
}

/// As above, with the untouched payload as the message's data.
template <class Handler>
[[nodiscard]] running start(Handler handler, options o) {
    return start(
        std::move(handler), [](const inbound& in) -> result<bytes> { return in.payload(); }, std::move(o));
}

} // namespace weir::connector
