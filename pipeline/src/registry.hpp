#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pipeline {

class topology;

/// A name among those of the pipelines that run in this process; given back by `release` or on destruction.
/// Thread-safe but for one object.
class registered_name {
  public:
    /// Throws `std::system_error` with `errc::already_running` when the name is taken.
    explicit registered_name(const std::string& name);
    registered_name(const registered_name&) = delete;
    registered_name& operator=(const registered_name&) = delete;

    ~registered_name() { retire(); }

    /// From now on `found_pipeline` finds it.
    void publish(topology& t);

    /// The name is free, and nobody finds the pipeline any more.
    void release();

    /// The same; returns when those who had found it are through with it.
    void retire();

  private:
    friend class found_pipeline;

    std::string name_;
    topology* published_{nullptr};
    std::size_t users_{0};
};

/// Keeps a running pipeline that was found by its name from being destroyed, though not from ending.
class found_pipeline {
  public:
    [[nodiscard]] static std::optional<found_pipeline> find(std::string_view name);

    /// The names of all that can be found.
    [[nodiscard]] static std::vector<std::string> names();

    found_pipeline(found_pipeline&& other) noexcept;
    found_pipeline& operator=(found_pipeline&&) = delete;
    ~found_pipeline();

    [[nodiscard]] topology& operator*() const noexcept;

    [[nodiscard]] topology* operator->() const noexcept { return &**this; }

  private:
    explicit found_pipeline(registered_name& entry) noexcept
        : entry_(&entry) {}

    registered_name* entry_;
};

} // namespace weir::pipeline
