#include "schemas.hpp"

namespace weir::tool {

namespace {

/// What single messages and whole batches have in common.
template <class Options>
schema<Options> pauses(const std::string& what) {
    return {
        value(
            "max_attempts", &Options::max_attempts, integer<std::size_t>(1, 10'000),
            "of a failing " + what + ", before it counts as failed; 1: it is not tried again"),
        value("delay", &Options::delay, time_span(), "before the second attempt"),
        value("max_delay", &Options::max_delay, time_span(), "longest delay between attempts"),
        value("factor", &Options::factor, number(1, 100), "what each delay is longer than the one before"),
        value("jitter", &Options::jitter, number(0, 1), "share of a delay that chance may take off"),
        value("total_limit", &Options::total_limit, time_span(), "for all attempts together; 0s: no limit"),
        value(
            "max_waiting", &Options::max_waiting, integer<std::size_t>(1),
            "between two attempts at once; one more fails at once"),
    };
}

schema<pipeline::retry_options> message_retries() {
    auto s = pauses<pipeline::retry_options>("message");
    s.push_back(value(
        "hold_lane", &pipeline::retry_options::hold_lane, flag(),
        "with processors.ordering: those behind a message that waits for another attempt wait, too"));
    return s;
}

schema<pipeline::batch_retry_options> batch_retries() {
    auto s = pauses<pipeline::batch_retry_options>("batch");
    s.push_back(value(
        "split", &pipeline::batch_retry_options::split, flag(),
        "after the last attempt in halves, as far as these fail, down to single messages"));
    return s;
}

} // namespace

const schema<pipeline::retry_options>& retry_schema() {
    static const auto s = message_retries();
    return s;
}

const schema<pipeline::batch_retry_options>& batch_retry_schema() {
    static const auto s = batch_retries();
    return s;
}

const schema<dead_letter_section>& dead_letter_schema() {
    using section = dead_letter_section;
    using options = pipeline::dead_letter_options;
    static const schema<section> s{
        inside(
            &section::file, value(
                                "path", &sinks::jsonl_options::path, text("the path of a file"),
                                "appended to: a JSON object a line for each message that failed for good")),
        inside(
            &section::file, value(
                                "fsync", &sinks::jsonl_options::fsync, flag(),
                                "flush to the disk before a dead letter counts as stored")),
        inside(
            &section::options,
            value(
                "settle_as", &options::settle_as,
                one_of<options::settling>(
                    {{"successful", options::settling::successful}, {"failed", options::settling::failed}}),
                "what a stored dead letter is to producer.on_success and on_failure")),
    };
    return s;
}

} // namespace weir::tool
