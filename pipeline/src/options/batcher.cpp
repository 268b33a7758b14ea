#include "options/batcher.hpp"

#include "options/retry.hpp"

#include <algorithm>

namespace weir::pipeline {
namespace {

void check_demand(const batcher_options& b, const std::string& path, fault_list& faults) {
    faults.expect_range(path + ".max_demand", b.max_demand, 0, most_messages);
    faults.expect(
        !b.splitter || b.max_demand != 0, path + ".max_demand", std::to_string(b.max_demand),
        "an integer of at least 1: with a splitter there is no default for it");
    const auto batch = largest_batch(b);
    faults.expect(
        b.max_open_messages == 0 || b.max_open_messages >= batch, path + ".max_open_messages",
        std::to_string(b.max_open_messages),
        "0 for the default, or an integer of at least " +
            std::string{b.adaptive.any() ? "adaptive.max_size" : "batch_size"} + " (" +
            std::to_string(batch) + ")");
}

void check_adaptive(const batcher_options& b, const std::string& path, fault_list& faults) {
    const auto& a = b.adaptive;
    if (!a.any()) return;
    faults.expect_range(path + ".adaptive.min_size", a.min_size, 1, most_messages);
    faults.expect(
        a.max_size >= a.min_size && a.max_size <= most_messages, path + ".adaptive.max_size",
        std::to_string(a.max_size),
        "an integer from min_size (" + std::to_string(a.min_size) + ") to " + std::to_string(most_messages));
    faults.expect(
        a.target.count() >= 1, path + ".adaptive.target", text(a.target), "a duration of at least 1ms");
    faults.expect(
        b.batch_size >= a.min_size && b.batch_size <= a.max_size, path + ".batch_size",
        std::to_string(b.batch_size), "an integer from adaptive.min_size to adaptive.max_size");
}

void check_abilities(
    const batcher_options& b, const handler_abilities& can, const std::string& path, fault_list& faults) {
    faults.expect(
        !b.splitter || can.splits_batches, path + ".splitter", "true",
        "false, since the handler has no split_batch");
    faults.expect(
        b.max_bytes == 0 || can.measures_messages, path + ".max_bytes", std::to_string(b.max_bytes),
        "0, since the handler has no message_size and the data is not a run of bytes");
    faults.expect(
        !b.partitioned || can.partitions_batches, path + ".partitioned", "true",
        "false, since the handler has neither partition_batch_by nor partition_by");
}

} // namespace

void check_max_concurrency(
    const std::string& path, std::size_t concurrency, std::size_t max, fault_list& faults) {
    faults.expect(
        max == 0 || (max >= concurrency && max <= most_workers), path + ".max_concurrency",
        std::to_string(max),
        "0 for the default, or an integer from concurrency (" + std::to_string(concurrency) + ") to " +
            std::to_string(most_workers));
}

void check_replacing(
    const std::string& path, bool replaces, std::chrono::milliseconds time_limit, fault_list& faults) {
    faults.expect(
        !replaces || time_limit.count() > 0, path + ".replace_hanging", "true",
        "false as long as there is no time_limit");
}

std::size_t default_max_concurrency(std::size_t concurrency) noexcept {
    constexpr std::size_t least = 32;
    return std::clamp(2 * concurrency, least, std::max(concurrency, most_workers));
}

void check_batcher(
    const batcher_options& b, const handler_abilities& can, const std::string& path, fault_list& faults) {
    faults.expect(!b.name.empty(), path + ".name", quoted(b.name), "a non-empty name");
    faults.expect_range(path + ".batch_size", b.batch_size, 1, most_messages);
    faults.expect(
        b.batch_timeout.count() >= 1, path + ".batch_timeout", text(b.batch_timeout),
        "a duration of at least 1ms");
    faults.expect_range(path + ".concurrency", b.concurrency, 1, most_workers);
    check_max_concurrency(path, b.concurrency, b.max_concurrency, faults);
    check_demand(b, path, faults);
    check_adaptive(b, path, faults);
    check_abilities(b, can, path, faults);
    faults.expect(
        b.time_limit.count() >= 0, path + ".time_limit", text(b.time_limit), "0ms for none, or a duration");
    check_replacing(path, b.replace_hanging, b.time_limit, faults);
    check_batch_retry(b.retry, path + ".retry", faults);
}

void set_defaults(batcher_options& b) {
    const auto batch = largest_batch(b);
    if (b.max_concurrency == 0) b.max_concurrency = default_max_concurrency(b.concurrency);
    if (b.max_demand == 0) b.max_demand = batch;
    if (b.max_open_messages == 0) b.max_open_messages = std::max<std::size_t>(10'000, 10 * batch);
}

} // namespace weir::pipeline
