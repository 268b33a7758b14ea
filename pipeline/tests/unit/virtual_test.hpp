#pragma once

#include "test_pipeline.hpp"

#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

/// A pipeline on virtual time, and producers that do as they are told.
class VirtualTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o) {
        o.name = "virtual";
        std::vector<std::shared_ptr<producer<int>>> producers{source};
        producers.insert(producers.end(), others.begin(), others.end());
        return virtual_pipeline::start<int>(
            std::move(o), std::move(producers), function_handler{std::make_shared<callbacks>(f)}, &decode,
            bus);
    }

    /// Of the first producer: what it was asked for since the last call.
    std::size_t newly_announced() {
        const auto all = test_source::sum_of(source->announced());
        return all - std::exchange(announced_, all);
    }

    template <class Event>
    void count_events(std::size_t& count) {
        bus->attach<Event>("test", [&](const Event&) { ++count; });
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::vector<std::shared_ptr<test_source>> others;
    callbacks f;
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();

  private:
    std::size_t announced_{0};
};

} // namespace weir::pipeline::testing
