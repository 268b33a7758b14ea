#include "schemas.hpp"

namespace weir::tool {

const schema<pipeline::retry_options>& retry_schema() {
    using o = pipeline::retry_options;
    static const schema<o> s{
        value(
            "max_attempts", &o::max_attempts, integer<std::size_t>(1, 10'000),
            "of a failing message, before it counts as failed; 1: it is not tried again"),
        value("delay", &o::delay, time_span(), "before the second attempt"),
        value("max_delay", &o::max_delay, time_span(), "longest delay between attempts"),
        value("factor", &o::factor, number(1, 100), "what each delay is longer than the one before"),
        value("jitter", &o::jitter, number(0, 1), "share of a delay that chance may take off"),
        value(
            "total_limit", &o::total_limit, time_span(),
            "no attempt begins later than this after the message came; 0s: no limit"),
        value(
            "max_waiting", &o::max_waiting, integer<std::size_t>(1),
            "messages between two attempts; one more fails at once"),
    };
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
