#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/batch_mode.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
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

namespace engine {

/// For messages whose heads lie `stride` bytes apart. Throws `std::logic_error` outside of a callback.
void settle_now(message_head* first, std::size_t stride, std::size_t count);
void configure_ack(message_head& head, const std::any& options);

} // namespace engine

/// A message on its way through a pipeline. `Data` is what the handler works on; `Metadata` is what the
/// source said about it. The pipeline never copies either; both may be move-only.
///
/// A message belongs to the callback that was handed it, for the time of that call. After an exception out of
/// a callback its routing is undone, and its data is made anew from the metadata by the pipeline's transform
/// for those who look at it: `decide_failure`, `handle_failed`, the next attempt. The metadata stays as the
/// callback left it, so a callback that changes it changes what a next attempt is made of. A batch that is
/// handled again as a whole keeps the data as `handle_batch` left it.
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

    /// Settles the message at once, by its status at this moment, instead of at its end: as successful, or as
    /// failed with its reason. It goes on through the pipeline, but nothing that happens to it is told to its
    /// source any more, and it is not tried again. Does nothing the second time. Inside a callback only.
    void settle_now() { engine::settle_now(&head_, sizeof(message), 1); }

    /// Hands options for this message to its acknowledger, which throws for those it does not understand;
    /// see `acknowledger::configure`. Inside a callback only, and not after `settle_now`.
    void configure_ack(const std::any& ack_options) { engine::configure_ack(head_, ack_options); }

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

/// As `message::settle_now` for each of them, told in one call to each acknowledger.
template <class Data, class Metadata>
void settle_now(std::span<message<Data, Metadata>> messages) {
    if (messages.empty()) return;
    engine::settle_now(&messages.front().head(), sizeof(message<Data, Metadata>), messages.size());
}

} // namespace weir::pipeline
