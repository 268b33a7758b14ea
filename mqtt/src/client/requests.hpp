#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/request_response.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::mqtt {

/// Requests without their response yet: what names each, how long it is waited for, and on which topic the
/// responses come. Sends nothing itself. Lane only.
class requests {
  public:
    using number = std::uint64_t;

    /// At most `most` at a time; `prefix` of the response topic where the server names none.
    requests(std::string prefix, std::size_t most)
        : prefix_(std::move(prefix))
        , most_(most) {}

    /// Takes a request that is to be answered by `until`; an error when it cannot be one.
    [[nodiscard]] error add(outgoing&& message, time_point until, request_completion& done);

    /// A connection stands: learns where responses go.
    void connected(const mqtt::connected& info);

    /// What has to happen before the requests that wait may be sent.
    enum class need : std::uint8_t { nothing, topic, subscription };
    [[nodiscard]] need needs() const noexcept;

    [[nodiscard]] const std::string& topic() const noexcept { return topic_; }

    void subscribing(operation_id operation) noexcept { subscribing_ = operation; }

    /// True when that was the subscription of the responses.
    [[nodiscard]] bool subscribed(operation_id operation, bool granted) noexcept;

    void session_lost() noexcept { subscribed_ = false; }

    /// The next one to be sent, complete but for its deadline.
    struct ready {
        number name{0};
        outgoing message{};
        time_point until{};
    };

    [[nodiscard]] std::optional<ready> next();

    /// Whether a message is a response, to whatever.
    [[nodiscard]] bool takes(const publish& p) const noexcept {
        return !topic_.empty() && p.topic.text() == topic_;
    }

    /// Who waits for that response; nothing for a late or a foreign one.
    [[nodiscard]] std::optional<request_completion> answered(const publish& p);

    /// Whoever is to be told a failure, no longer waiting.
    [[nodiscard]] std::optional<request_completion> remove(number name);
    [[nodiscard]] std::vector<request_completion> remove_unsent();
    [[nodiscard]] std::vector<request_completion> remove_all();
    [[nodiscard]] std::vector<request_completion> remove_due(time_point now);

    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

  private:
    struct entry {
        request_completion done{};
        time_point until{};
    };

    [[nodiscard]] std::string correlation(number name);

    std::string prefix_;
    std::size_t most_;
    std::string topic_;
    std::string secret_; ///< in front of each number, so that nobody guesses one
    operation_id subscribing_{0};
    bool subscribed_{false};
    number last_{0};
    std::deque<ready> unsent_;
    std::unordered_map<number, entry> waiting_;
    std::set<std::pair<time_point, number>> deadlines_;
};

} // namespace weir::mqtt
