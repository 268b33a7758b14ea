#pragma once

#include <weir/base/task.hpp>
#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/message.hpp>
#include <weir/pipeline/partition.hpp>
#include <weir/pipeline/verdict.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace weir::pipeline {

// A handler is any class with
//
//     void handle_message(message<Data, Metadata>& m);                      // required
//     void handle_batch(batch<Data, Metadata>& b);                          // required with batchers
//     void prepare_messages(std::span<message<Data, Metadata>> messages);   // optional, once per chunk
//     void handle_failed(std::span<message<Data, Metadata>> messages);      // optional, before they are
//     settled
//     verdict decide_failure(const message<Data, Metadata>& m);             // optional, see below
//     void handle_dead_letter(dead_letter<Metadata>& letter);               // optional, see below
//     std::int64_t partition_by(const Metadata& raw);                       // optional, see below
//
//     // optional, each for batchers whose options ask for it, see below
//     std::int64_t partition_batch_by(const message<Data, Metadata>& m);
//     std::size_t message_size(const message<Data, Metadata>& m);
//     using split_state = ...;
//     split_verdict split_batch(std::string_view batcher, split_state& s, const message<Data, Metadata>& m);
//
// where `weir::message<Data>` and `weir::batch<Data>` are the short names of these types in a pipeline fed
// from a broker. One object serves all workers, so its callbacks are called from several threads at once.
// What a callback throws fails the messages it was called with and nothing else.
//
// `handle_message`, `handle_batch` or both may be coroutines: `task<void>` instead of `void`. A worker then
// has several of them under way on its one thread (the options `in_flight`), each with its own message or
// batch; while one waits, others run. They may await other tasks, `completion`s and what `this_worker` offers
// (completion.hpp, this_worker.hpp). Their message is settled or goes on when they return, whatever the
// others do; so `handle_failed` of a handler whose `handle_message` is a coroutine sees one message at a
// time.
//
// `decide_failure` is asked about each failed message and decides what the options would have decided
// otherwise; what it throws is logged, and the options decide. `handle_failed` sees the messages that have
// failed for good: after their last attempt, and before they become dead letters; it keeps their order.
//
// `handle_dead_letter` is given each message that has failed for good, the undecodable ones included, to put
// it where somebody will look at it. When it returns, the message has been taken and is settled as the option
// `dead_letter.settle_as` says; when it throws, the message is settled as abandoned with that reason, so that
// the source brings it again.
//
// `partition_by` says what belongs together where the options ask for an order (options/ordering.hpp): any
// signed integer, at least 0; `stable_hash` makes one of a text. It sees the event as the producer emitted
// it, once per message and attempt, on the producer's thread, before any worker does; so it must be quick and
// bear calls from several threads, and with a handler of its own for each worker (`per_worker`) it must be a
// static member. A negative value, or what it throws, fails that message.

// What the options of a batcher ask for is called for each message once, after `handle_message`, on the
// processor's thread; a message for which it throws fails, and nothing else does:
// - `partitioned`: `partition_batch_by` says what belongs together in batches; without it `partition_by` is
//   asked again, for the metadata as `handle_message` left it. A negative value fails the message.
// - `max_bytes`: `message_size` says how many bytes a message takes. Without it data that is a run of bytes
//   (`weir::bytes`, `std::string`, `std::vector<char>`) takes its own size.
// - `splitter`: `split_batch` says for each message whether it joins the open batch, and whether the batch
//   leaves. Each batch has a `split_state` of its own that starts out as `split_state{}`. It runs while the
//   batcher is locked: it must be quick and must call nothing of the pipeline.

/// `handle_message` is a coroutine.
template <class H, class Data, class Metadata>
concept awaits_messages = requires(H& h, message<Data, Metadata>& m) {
    { h.handle_message(m) } -> std::same_as<task<void>>;
};

template <class H, class Data, class Metadata>
concept handles_messages = awaits_messages<H, Data, Metadata> || requires(H& h, message<Data, Metadata>& m) {
    { h.handle_message(m) } -> std::same_as<void>;
};

/// `handle_batch` is a coroutine.
template <class H, class Data, class Metadata>
concept awaits_batches = requires(H& h, batch<Data, Metadata>& b) {
    { h.handle_batch(b) } -> std::same_as<task<void>>;
};

template <class H, class Data, class Metadata>
concept handles_batches = awaits_batches<H, Data, Metadata> || requires(H& h, batch<Data, Metadata>& b) {
    { h.handle_batch(b) } -> std::same_as<void>;
};

template <class H, class Data, class Metadata>
concept prepares_messages = requires(H& h, std::span<message<Data, Metadata>> s) {
    { h.prepare_messages(s) } -> std::same_as<void>;
};

template <class H, class Data, class Metadata>
concept handles_failures = requires(H& h, std::span<message<Data, Metadata>> s) {
    { h.handle_failed(s) } -> std::same_as<void>;
};

template <class H, class Data, class Metadata>
concept decides_failures = requires(H& h, const message<Data, Metadata>& m) {
    { h.decide_failure(m) } -> std::same_as<verdict>;
};

template <class H, class Metadata>
concept takes_dead_letters = requires(H& h, dead_letter<Metadata>& letter) {
    { h.handle_dead_letter(letter) } -> std::same_as<void>;
};

template <class H, class Metadata>
concept partitions = requires(H& h, const Metadata& raw) {
    { h.partition_by(raw) } -> std::signed_integral;
};

/// The same without an object.
template <class H, class Metadata>
concept partitions_statically = partitions<H, Metadata> && requires(const Metadata& raw) {
    H::partition_by(raw);
};

template <class H, class Data, class Metadata>
concept partitions_batches = requires(H& h, const message<Data, Metadata>& m) {
    { h.partition_batch_by(m) } -> std::signed_integral;
};

template <class H, class Data, class Metadata>
concept measures_messages = requires(H& h, const message<Data, Metadata>& m) {
    { h.message_size(m) } -> std::unsigned_integral;
};

template <class H, class Data, class Metadata>
concept splits_batches =
    requires(H& h, std::string_view batcher, typename H::split_state& s, const message<Data, Metadata>& m) {
    requires std::default_initializable<typename H::split_state>;
    { h.split_batch(batcher, s, m) } -> std::same_as<split_verdict>;
};

/// Data that is a run of bytes, and so has a size.
template <class Data>
concept byte_run = requires(const Data& d) {
    { d.size() } -> std::convertible_to<std::size_t>;
    requires sizeof(*d.data()) == 1;
};

template <class H, class Data, class Metadata>
[[nodiscard]] constexpr handler_abilities abilities_of() noexcept {
    return {
        .handles_batches = handles_batches<H, Data, Metadata>,
        .splits_batches = splits_batches<H, Data, Metadata>,
        .measures_messages = measures_messages<H, Data, Metadata> || byte_run<Data>,
        .partitions_batches = partitions_batches<H, Data, Metadata> || partitions<H, Metadata>,
        .partitions = partitions<H, Metadata>,
        .awaits_messages = awaits_messages<H, Data, Metadata>,
        .awaits_batches = awaits_batches<H, Data, Metadata>};
}

namespace probe {

// Whether a class has a member of a given name at all, of whatever signature, overloaded or a template:
// naming it in a class that also inherits the name from here is then ambiguous.
struct all_names {
    int handle_batch;
    int prepare_messages;
    int handle_failed;
    int decide_failure;
    int handle_dead_letter;
    int partition_by;
    int partition_batch_by;
    int message_size;
    int split_batch;
};

template <class H>
struct with_all_names : H, all_names {};

template <class H>
concept names_handle_batch = !requires {
    &with_all_names<H>::handle_batch;
};

template <class H>
concept names_prepare_messages = !requires {
    &with_all_names<H>::prepare_messages;
};

template <class H>
concept names_handle_failed = !requires {
    &with_all_names<H>::handle_failed;
};

template <class H>
concept names_decide_failure = !requires {
    &with_all_names<H>::decide_failure;
};

template <class H>
concept names_handle_dead_letter = !requires {
    &with_all_names<H>::handle_dead_letter;
};

template <class H>
concept names_partition_by = !requires {
    &with_all_names<H>::partition_by;
};

template <class H>
concept names_partition_batch_by = !requires {
    &with_all_names<H>::partition_batch_by;
};

template <class H>
concept names_message_size = !requires {
    &with_all_names<H>::message_size;
};

template <class H>
concept names_split_batch = !requires {
    &with_all_names<H>::split_batch;
};

} // namespace probe

/// Compiles only for a usable handler. A callback whose name is there and whose signature does not fit is an
/// error, never a callback that is silently not called.
template <class H, class Data, class Metadata>
consteval bool check_handler() {
    static_assert(std::is_class_v<H> && !std::is_final_v<H>, "a handler must be a class that is not final");
    static_assert(
        handles_messages<H, Data, Metadata>, "a handler needs: void handle_message(weir::message<Data>& m), "
                                             "or weir::task<void> for a coroutine  -- "
                                             "Data is what the decoder returns");
    static_assert(
        handles_batches<H, Data, Metadata> || !probe::names_handle_batch<H>,
        "handle_batch does not fit; expected: void handle_batch(weir::batch<Data>& b), or weir::task<void> "
        "for a "
        "coroutine  -- Data is what the decoder returns");
    static_assert(
        prepares_messages<H, Data, Metadata> || !probe::names_prepare_messages<H>,
        "prepare_messages does not fit; expected: void prepare_messages(std::span<weir::message<Data>> "
        "messages)");
    static_assert(
        handles_failures<H, Data, Metadata> || !probe::names_handle_failed<H>,
        "handle_failed does not fit; expected: void handle_failed(std::span<weir::message<Data>> messages)");
    static_assert(
        decides_failures<H, Data, Metadata> || !probe::names_decide_failure<H>,
        "decide_failure does not fit; expected: weir::pipeline::verdict decide_failure(const "
        "weir::message<Data>& m)");
    static_assert(
        takes_dead_letters<H, Metadata> || !probe::names_handle_dead_letter<H>,
        "handle_dead_letter does not fit; expected: void "
        "handle_dead_letter(weir::pipeline::dead_letter<Raw>& letter)  -- Raw is what the producer emits");
    static_assert(
        partitions<H, Metadata> || !probe::names_partition_by<H>,
        "partition_by does not fit; expected: std::int64_t partition_by(const Raw& raw)  -- Raw is what the "
        "producer emits; the result is signed");
    static_assert(
        partitions_batches<H, Data, Metadata> || !probe::names_partition_batch_by<H>,
        "partition_batch_by does not fit; expected: std::int64_t partition_batch_by(const "
        "weir::message<Data>& m)");
    static_assert(
        measures_messages<H, Data, Metadata> || !probe::names_message_size<H>,
        "message_size does not fit; expected: std::size_t message_size(const weir::message<Data>& m)");
    static_assert(
        splits_batches<H, Data, Metadata> || !probe::names_split_batch<H>,
        "split_batch does not fit; expected: using split_state = ...; split_verdict "
        "split_batch(std::string_view batcher, split_state& s, const weir::message<Data>& m)");
    return true;
}

} // namespace weir::pipeline
