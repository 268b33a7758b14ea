#pragma once

#include <weir/mqtt/io_lane.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::mqtt {

/// Does the work of a session store on a thread of its own, one piece after the other, and brings what comes
/// of it to the lane. Lane only. Destruction waits until what was begun is done.
class store_worker {
  public:
    using changes = std::shared_ptr<const std::vector<store_change>>;

    store_worker(io_lane& lane, std::unique_ptr<session_store> store);
    store_worker(const store_worker&) = delete;
    store_worker& operator=(const store_worker&) = delete;
    ~store_worker();

    // `done` runs on the lane.
    void open(std::function<void(result<store_content>)> done);
    void write(changes list, std::function<void(result<store_usage>)> done);
    void close(std::function<void()> done);

  private:
    void add(std::function<void()> job);
    void work();

    io_lane& lane_;
    const std::unique_ptr<session_store> store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_; ///< at most a write and a close
    bool ending_{false};
    std::thread thread_;
};

} // namespace weir::mqtt
