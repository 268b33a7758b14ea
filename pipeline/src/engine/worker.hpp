#pragma once

#include "engine/control.hpp"
#include "engine/in_hand.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace weir::pipeline::engine {

/// A named thread that runs callbacks, and what others may know about it.
class worker {
  public:
    /// `name` as in "fleet.Processor_default_3"; `thread_name` its short form.
    worker(std::string name, std::string thread_name, control& shared)
        : name_(std::move(name))
        , thread_name_(std::move(thread_name))
        , shared_(shared) {}

    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    virtual ~worker() = default;

    void start();

    /// Waits for the thread, and so for the callback it runs.
    void join();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] in_hand& hand() noexcept { return hand_; }

    [[nodiscard]] control& shared() const noexcept { return shared_; }

    /// The worker the calling thread is, or null.
    [[nodiscard]] static const worker* current() noexcept;

  protected:
    /// Everything until the stage closes. Exceptions must not leave it.
    virtual void run() noexcept = 0;

  private:
    void body() noexcept;

    std::string name_;
    std::string thread_name_;
    control& shared_;
    in_hand hand_;
    std::thread thread_;
};

} // namespace weir::pipeline::engine
