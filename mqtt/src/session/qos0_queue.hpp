#pragma once

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::mqtt {

/// QoS 0 messages the application is not ready for, bounded in number and bytes. What happens at the bound
/// is the policy's matter; every operation takes constant time under each of them.
class qos0_queue {
  public:
    struct bounds {
        std::size_t messages{1'000};
        std::size_t bytes{16u << 20};
        qos0_buffer_policy policy{qos0_buffer_policy::drop_oldest};
    };

    explicit qos0_queue(bounds b)
        : bounds_(b) {}

    /// `order` is the place among all arrivals. Returns the topics of the messages that were dropped for it;
    /// with `pause_reading` none is, and the bound is exceeded by what had been read already.
    [[nodiscard]] std::vector<bytes> push(message_received m, std::uint64_t order);

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// It has reached its bound and was not empty since.
    [[nodiscard]] bool was_full() const noexcept { return was_full_; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The place among all arrivals of the message `pop` gives next.
    [[nodiscard]] std::uint64_t next_order() const noexcept { return nodes_[head_].order; }

    [[nodiscard]] message_received pop();

    /// Under the policy `pause_reading`: the bound is reached.
    [[nodiscard]] bool blocks_reading() const noexcept;

  private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    struct node {
        message_received message{};
        std::uint64_t order{0};
        std::uint32_t previous{none};
        std::uint32_t next{none};
        std::uint32_t next_of_topic{none}; ///< `keep_latest` only
    };

    struct topic_chain {
        std::uint32_t oldest{none};
        std::uint32_t newest{none};
    };

    [[nodiscard]] bool fits(std::size_t more_bytes) const noexcept;
    [[nodiscard]] std::uint32_t victim(std::string_view topic) const;
    void append(message_received m, std::uint64_t order);
    void link_topic(std::uint32_t n);
    void unlink_topic(std::uint32_t n);
    message_received remove(std::uint32_t n);

    bounds bounds_;
    std::vector<node> nodes_; ///< at most `bounds_.messages`, beyond it what one read brought
    std::vector<std::uint32_t> free_;
    std::unordered_map<std::string_view, topic_chain> chains_; ///< keys lie in the oldest message's topic
    std::uint32_t head_{none};
    std::uint32_t tail_{none};
    std::size_t size_{0};
    std::size_t bytes_{0};
    bool was_full_{false};
};

} // namespace weir::mqtt
