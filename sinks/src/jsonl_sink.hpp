#pragma once

#include "append_file.hpp"

#include <weir/sinks/options.hpp>
#include <weir/sinks/sink.hpp>

#include <mutex>

namespace weir::sinks {

/// Lines are made by the callers in parallel and written group after group.
class jsonl_sink final : public sink {
  public:
    explicit jsonl_sink(const jsonl_options& o)
        : file_(o.path, o.fsync) {}

    void write(std::span<message> messages) override;

  private:
    std::mutex mutex_;
    append_file file_;
};

} // namespace weir::sinks
