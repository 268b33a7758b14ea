#pragma once

#include <weir/sinks/record.hpp>

#include <span>
#include <stdexcept>
#include <string>

namespace weir::sinks {

/// A write did not happen: nothing of the batch is stored, the same batch may be written again, and the sink
/// works on as soon as the cause is gone. The text names the store and the cause.
class sink_error : public std::runtime_error {
  public:
    explicit sink_error(const std::string& text)
        : std::runtime_error(text) {}
};

/// The store will never take anything again, such as a pipe whose reader is gone.
class sink_closed : public sink_error {
  public:
    using sink_error::sink_error;
};

/// Where messages end. Thread-safe: any number of batch processors may write at the same time.
class sink {
  public:
    sink() = default;
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;
    virtual ~sink() = default;

    /// Stores the messages durably before it returns, all but those that have failed already. A message that
    /// the store refuses for itself alone is failed by `message::fail` and the others are stored; any other
    /// trouble throws `sink_error` and stores none.
    virtual void write(std::span<message> messages) = 0;

    /// The receipts that `write` keeps of messages that have one. None: the sink cannot.
    [[nodiscard]] virtual connector::receipts* receipts() noexcept { return nullptr; }

    /// From now on `write` keeps the delivery tokens of messages that have one. They go by what this returns,
    /// which is to be given to the pipeline. None: the sink cannot. To be called before `write`.
    [[nodiscard]] virtual connector::delivery_tokens* keep_tokens() { return nullptr; }
};

} // namespace weir::sinks
