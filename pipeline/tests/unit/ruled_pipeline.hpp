#pragma once

#include "test_pipeline.hpp"

#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

/// Callbacks, and what the options of a batcher ask of a handler.
struct rules : callbacks {
    std::function<std::int64_t(const test_message&)> partition = [](auto&) { return 0; };
    std::function<std::size_t(const test_message&)> size = [](auto&) { return 1; };
    std::function<split_verdict(int&, const test_message&)> split = [](int&, auto&) {
        return split_verdict::joins;
    };
};

struct ruled_handler : function_handler {
    std::shared_ptr<rules> r;

    explicit ruled_handler(const std::shared_ptr<rules>& all)
        : function_handler{all}
        , r(all) {}

    using split_state = int;

    std::int64_t partition_batch_by(const test_message& m) const { return r->partition(m); }

    std::size_t message_size(const test_message& m) const { return r->size(m); }

    split_verdict split_batch(std::string_view, int& state, const test_message& m) const {
        return r->split(state, m);
    }
};

/// A pipeline on virtual time with batchers, and the batches it made.
class RuledPipelineTest : public ::testing::Test {
  protected:
    struct seen {
        std::string key;
        std::vector<int> data;
        batch_trigger trigger;
        std::optional<std::size_t> partition;
        std::string worker;
    };

    RuledPipelineTest() {
        f.handle_batch = [this](test_batch& b) { record(b); };
        f.handle_failed = [this](std::span<test_message> s) {
            for (const auto& m : s)
                shown_failed.push_back(m.data);
        };
    }

    void record(const test_batch& b) {
        auto& s = batches.emplace_back(seen{
            b.info().batch_key, {}, b.info().trigger, b.info().partition, std::string{this_worker::name()}});
        for (const auto& m : b)
            s.data.push_back(m.data);
    }

    virtual_pipeline begin(options o, std::uint64_t seed = 0) {
        o.name = "rules";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, ruled_handler{std::make_shared<rules>(f)}, &decode, nullptr, seed);
    }

    static options one_batcher(batcher_options b, std::size_t processors = 1) {
        return {.processors = {.concurrency = processors}, .batchers = {std::move(b)}};
    }

    [[nodiscard]] std::vector<std::vector<int>> contents() const {
        std::vector<std::vector<int>> all;
        for (const auto& b : batches)
            all.push_back(b.data);
        return all;
    }

    std::string reason_of(std::uint64_t token) const {
        const auto all = source->endings();
        const auto found = all.find(token);
        return found == all.end() ? "not settled" : found->second.reason;
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    rules f;
    std::vector<seen> batches;
    std::vector<int> shown_failed;
};

} // namespace weir::pipeline::testing
