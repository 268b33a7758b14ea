#pragma once

#include <weir/pipeline/producer.hpp>

#include <cstddef>
#include <span>

namespace weir::pipeline::testing {

/// A producer that never emits: for pipelines that only get what is pushed into them.
template <class Raw>
class dummy_producer final : public producer<Raw> {
  public:
    void start(intake<Raw>& into) override { into_ = &into; }

    void demand(std::size_t) override {}

    void drain() override { into_->drained(); }

    void stop(time_point) override {}

    void settle(std::span<const settlement>) override {}

  private:
    intake<Raw>* into_{nullptr};
};

} // namespace weir::pipeline::testing
