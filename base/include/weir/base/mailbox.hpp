#pragma once

#include <weir/base/time.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace weir {

/// Something that happened elsewhere and is to be taken note of on the thread that owns a mailbox.
class letter {
  public:
    virtual ~letter() = default;

    /// On the owner's thread.
    virtual void deliver() noexcept = 0;

  protected:
    letter() = default;
    letter(const letter&) = delete;
    letter& operator=(const letter&) = delete;

  private:
    friend class mailbox;
    std::shared_ptr<letter> next_; // guarded by the mailbox that it lies in
};

/// Where one thread sleeps and the others wake it: by a letter, or by just ringing. Needs no memory of its
/// own, however many letters there are. Thread-safe but for `wait` and `deliver`, which are the owner's.
class mailbox {
  public:
    mailbox() = default;
    mailbox(const mailbox&) = delete;
    mailbox& operator=(const mailbox&) = delete;

    ~mailbox() { close(); }

    /// A letter is posted once. After `close` it is dropped.
    void post(std::shared_ptr<letter> l) noexcept;

    /// Ends the owner's present or next wait.
    void ring() noexcept;

    /// Delivers what has come, in order.
    void deliver() noexcept;

    /// Sleeps until a letter comes or somebody rings, or until `deadline`; not at all when there is a letter
    /// or somebody has rung since the last wait.
    void wait(std::optional<time_point> deadline);

    void close() noexcept;

  private:
    [[nodiscard]] std::shared_ptr<letter> take() noexcept;

    std::atomic<bool> mail_{false};
    std::mutex mutex_; // guards all below
    std::condition_variable came_;
    std::shared_ptr<letter> first_;
    letter* last_{nullptr};
    bool rung_{false};
    bool closed_{false};
};

} // namespace weir
