#pragma once

#include <string>

namespace weir::pipeline {

/// A name among those of the pipelines that run in this process; given back by `release` or on destruction.
/// Thread-safe but for one object.
class registered_name {
  public:
    /// Throws `std::system_error` with `errc::already_running` when the name is taken.
    explicit registered_name(const std::string& name);
    registered_name(const registered_name&) = delete;
    registered_name& operator=(const registered_name&) = delete;

    ~registered_name() { release(); }

    void release();

  private:
    std::string name_;
};

} // namespace weir::pipeline
