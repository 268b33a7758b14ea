#pragma once

#include <weir/base/result.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/entry.hpp>
#include <weir/pipeline/testing/reports.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

template <class Raw>
struct test_message_options {
    /// Called for each message with what becomes its metadata, before it goes in.
    std::function<void(Raw&)> metadata{};

    /// Who learns the outcome of a message, instead of the reports; must live until then.
    std::function<ack_ref(const Raw&, std::uint64_t reference)> acknowledger{};
};

template <class Raw>
struct test_batch_options {
    std::function<void(Raw&)> metadata{};
    std::function<ack_ref(const Raw&, std::uint64_t reference)> acknowledger{};
    batch_mode mode{batch_mode::bulk};
};

namespace detail {

template <class Raw, class Options>
[[nodiscard]] entry<Raw> test_entry(Raw raw, std::uint64_t token, const Options& o, const reports& r) {
    if (o.metadata) o.metadata(raw);
    entry<Raw> e{.value = std::move(raw), .token = token, .owner = &r.owner()};
    if (!o.acknowledger) return e;
    const auto whom = o.acknowledger(std::as_const(e.value), r.reference());
    e.owner = whom.owner;
    e.token = whom.token;
    return e;
}

template <class Pipeline, class Raw>
[[nodiscard]] result<reports> push_for_test(
    Pipeline& p, std::vector<entry<Raw>> entries, const reports& r, bool reported) {
    if (reported) r.expect(entries.size());
    auto accepted = p.push(std::span{entries});
    if (reported) r.expect(accepted ? *accepted : 0);
    if (!accepted) return accepted.error();
    return r;
}

} // namespace detail

/// Sends one message through a running pipeline, fed by whatever producers: past them, and past demand and
/// rate limit, but through decoder, handler and batcher like any other. It goes in flush mode, so its report
/// comes without waiting for the size or the timeout of a batch.
///
/// `p` is anything with `push`: a `running_pipeline`, or a pipeline that is fed by a broker. Errors: as
/// `running_pipeline::push`.
template <class Pipeline, class Raw>
[[nodiscard]] result<reports> test_message(
    Pipeline& p, Raw raw, const std::type_identity_t<test_message_options<Raw>>& o = {}) {
    const reports r;
    std::vector<entry<Raw>> one;
    one.push_back(detail::test_entry(std::move(raw), 0, o, r));
    one.back().mode = batch_mode::flush;
    return detail::push_for_test(p, std::move(one), r, !o.acknowledger);
}

/// The same with a list of messages, in bulk mode unless `o.mode` says otherwise. Their tokens are their
/// places in the list. The reports come in as many parts as there are chunks or batches, in no certain order;
/// together they cover `expected()` messages: fewer than the list has when the buffer had no more room.
template <class Pipeline, class Raw>
[[nodiscard]] result<reports> test_batch(
    Pipeline& p, std::vector<Raw> raws, const std::type_identity_t<test_batch_options<Raw>>& o = {}) {
    const reports r;
    std::vector<entry<Raw>> entries;
    for (std::size_t i = 0; i < raws.size(); ++i) {
        entries.push_back(detail::test_entry(std::move(raws[i]), i, o, r));
        entries.back().mode = o.mode;
    }
    return detail::push_for_test(p, std::move(entries), r, !o.acknowledger);
}

} // namespace weir::pipeline::testing
