#pragma once

#include <weir/pipeline/message_view.hpp>

namespace weir::pipeline::engine {

/// Sees each message before and after `handle_message`, one after another.
class message_observer {
  public:
    virtual ~message_observer() = default;
    virtual void before(const message_view& m) = 0;

    /// `thrown`: what the callback threw, or null.
    virtual void after(const message_view& m, const failure_info* thrown) = 0;

  protected:
    message_observer() = default;
    message_observer(const message_observer&) = default;
    message_observer& operator=(const message_observer&) = default;
};

} // namespace weir::pipeline::engine
