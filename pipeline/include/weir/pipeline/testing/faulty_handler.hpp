#pragma once

#include <weir/pipeline/handler.hpp>
#include <weir/pipeline/testing/faults.hpp>

#include <memory>
#include <utility>

namespace weir::pipeline::testing {

namespace detail {

/// A handler without `handle_batch` must not get one.
template <class Handler, bool HasHandleBatch>
class with_batch_faults : public Handler {
  public:
    with_batch_faults(Handler inner, std::shared_ptr<faults> f)
        : Handler(std::move(inner))
        , faults_(std::move(f)) {}

  protected:
    std::shared_ptr<faults> faults_;
};

template <class Handler>
class with_batch_faults<Handler, true> : public with_batch_faults<Handler, false> {
  public:
    using with_batch_faults<Handler, false>::with_batch_faults;

    template <class Batch>
    auto handle_batch(Batch& b) -> decltype(std::declval<Handler&>().handle_batch(b)) {
        this->faults_->suffer(faults::place::handle_batch);
        return static_cast<Handler&>(*this).handle_batch(b);
    }
};

} // namespace detail

/// A handler with faults in front of its callbacks, for tests of what a pipeline does then; all else is the
/// handler's. The pipeline itself knows nothing of it:
///
///     auto f = std::make_shared<testing::faults>();
///     auto p = start(options, producers, testing::faulty_handler{my_handler{}, f}, decode);
///     f->throw_in(testing::faults::place::handle_batch);
template <class Handler>
class faulty_handler : public detail::with_batch_faults<Handler, probe::names_handle_batch<Handler>> {
    using base = detail::with_batch_faults<Handler, probe::names_handle_batch<Handler>>;

  public:
    faulty_handler(Handler inner, std::shared_ptr<faults> f)
        : base(std::move(inner), std::move(f)) {}

    template <class Message>
    auto handle_message(Message& m) -> decltype(std::declval<Handler&>().handle_message(m)) {
        this->faults_->suffer(faults::place::handle_message);
        return static_cast<Handler&>(*this).handle_message(m);
    }
};

} // namespace weir::pipeline::testing
