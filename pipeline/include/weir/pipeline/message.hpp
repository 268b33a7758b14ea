#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/batch_mode.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::pipeline {

/// Why a message counts as failed.
struct failure_info {
    std::string text{};             ///< the reason given, or the exception's text
    std::exception_ptr exception{}; ///< set when it failed by an exception
    std::string exception_type{};   ///< its type's name, empty otherwise
};

/// The part of a message that does not depend on the user's types: what the engine looks at.
struct message_head {
    ack_ref ack{};
    std::unique_ptr<failure_info> failure{}; ///< none: the message is ok
    time_point accepted_at{};
    std::string batcher{}; ///< empty: nobody routed it, so it goes to `default` or to the only batcher
    std::string batch_key{"default"};
    std::uint32_t attempt{1};
    batch_mode mode{batch_mode::bulk};
    bool windowed{true};      ///< occupies its source's window until it is settled
    std::uint16_t retries{0}; ///< attempts that failed before in this pipeline
};

/// A message on its way through a pipeline. `Data` is what the handler works on; `Metadata` is what the
/// source said about it. The pipeline never copies either; both may be move-only.
///
/// A message belongs to the callback that was handed it, for the time of that call. After an exception out of
/// a callback, data and metadata stay as the callback left them; its routing is undone.
template <class Data, class Metadata>
class message {
  public:
    Data data;         ///< the payload, replaced at will; later stages see the new value
    Metadata metadata; ///< from the source

    message(Data d, Metadata m, message_head h)
        : data(std::move(d))
        , metadata(std::move(m))
        , head_(std::move(h)) {}

    message(message&&) noexcept = default;
    message& operator=(message&&) noexcept = default;

    /// Fails this message with a reason. Takes effect when the callback returns; logs nothing; the last
    /// reason counts.
    void fail(std::string reason) {
        head_.failure = std::make_unique<failure_info>(failure_info{.text = std::move(reason)});
    }

    [[nodiscard]] bool failed() const noexcept { return head_.failure != nullptr; }

    /// Why it failed, or null.
    [[nodiscard]] const failure_info* failure() const noexcept { return head_.failure.get(); }

    /// Routes the message to the batcher of that name. A name that does not exist fails the message.
    void put_batcher(std::string_view name) { head_.batcher = name; }

    /// A batch never mixes keys.
    void put_batch_key(std::string key) { head_.batch_key = std::move(key); }

    void put_batch_mode(batch_mode mode) noexcept { head_.mode = mode; }

    [[nodiscard]] std::string_view batcher() const noexcept {
        return head_.batcher.empty() ? std::string_view{"default"} : std::string_view{head_.batcher};
    }

    [[nodiscard]] std::string_view batch_key() const noexcept { return head_.batch_key; }

    /// How often it was tried, from 1: counted by the source, which may have brought it before, and here.
    [[nodiscard]] std::uint32_t attempt() const noexcept { return head_.attempt; }

    [[nodiscard]] time_point accepted_at() const noexcept { return head_.accepted_at; }

    /// For the engine.
    [[nodiscard]] message_head& head() noexcept { return head_; }

    [[nodiscard]] const message_head& head() const noexcept { return head_; }

  private:
    message_head head_;
};

} // namespace weir::pipeline
