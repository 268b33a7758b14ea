#pragma once

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/handler.hpp>

#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// The user's callbacks behind `stage_ops`.
template <class Raw, class Data, class Handler, class Transform>
class typed_stages final : public stage_ops {
  public:
    using run_type = typed_message_run<Data, Raw>;
    using message_type = message<Data, Raw>;

    typed_stages(Handler handler, Transform transform)
        : handler_(std::move(handler))
        , transform_(std::move(transform)) {}

    [[nodiscard]] std::unique_ptr<message_run> make_run(std::size_t capacity) const override {
        return std::make_unique<run_type>(capacity);
    }

    void process(raw_run& in, message_run& out, std::vector<rejection>& rejected) override {
        auto& entries = static_cast<typed_raw_run<Raw>&>(in).entries;
        auto& messages = static_cast<run_type&>(out).messages;
        for (std::size_t i = 0; i < entries.size(); ++i)
            decode(in.owner(), entries[i], i, messages, rejected);
        if (messages.empty() || !prepare(messages)) return;
        for (auto& m : messages)
            handle(m);
    }

    [[nodiscard]] bool handles_batches() const noexcept override { return handles_batches_; }

    void handle_batch(batch_info info, message_run& messages) override {
        if constexpr (handles_batches_) {
            auto& run = static_cast<run_type&>(messages);
            batch<Data, Raw> b{std::move(info), run.span()};
            try {
                handler_.handle_batch(b);
            } catch (...) {
                fail_all(run.messages, capture_exception("handle_batch"));
            }
        }
    }

    [[nodiscard]] bool handles_failures() const noexcept override { return handles_failures_; }

    void handle_failed(message_run& failed) override {
        if constexpr (handles_failures_) {
            try {
                handler_.handle_failed(static_cast<run_type&>(failed).span());
            } catch (...) {
                static_cast<void>(capture_exception("handle_failed"));
            }
        }
    }

    void move(message_run& from, std::span<const placement> steps) override {
        auto& messages = static_cast<run_type&>(from).messages;
        for (const auto& step : steps)
            static_cast<run_type*>(step.to)->messages.push_back(std::move(messages[step.index]));
    }

  private:
    static constexpr bool handles_batches_ = pipeline::handles_batches<Handler, Data, Raw>;
    static constexpr bool handles_failures_ = pipeline::handles_failures<Handler, Data, Raw>;

    static_assert(check_handler<Handler, Data, Raw>());
    static_assert(
        std::is_nothrow_move_constructible_v<Data> && std::is_nothrow_move_constructible_v<Raw>,
        "the data of a message must be movable without exceptions: messages move from stage to stage");

    void decode(
        acknowledger* owner, entry<Raw>& e, std::size_t index, std::vector<message_type>& into,
        std::vector<rejection>& rejected) {
        try {
            auto data = transform_(std::as_const(e.value));
            if (!data) {
                rejected.push_back({static_cast<std::uint32_t>(index), {.text = data.error().message()}});
                return;
            }
            into.emplace_back(std::move(*data), std::move(e.value), head_of(owner, e));
        } catch (...) {
            rejected.push_back({static_cast<std::uint32_t>(index), capture_exception("the decoder")});
        }
    }

    [[nodiscard]] static message_head head_of(acknowledger* owner, const entry<Raw>& e) {
        message_head head;
        head.ack = {owner, e.token};
        head.accepted_at = e.accepted_at;
        head.attempt = e.attempt;
        head.windowed = e.windowed;
        return head;
    }

    /// False when it threw: then every message has failed and none is handled.
    [[nodiscard]] bool prepare(std::vector<message_type>& messages) {
        if constexpr (prepares_messages<Handler, Data, Raw>) {
            try {
                handler_.prepare_messages(std::span{messages});
            } catch (...) {
                fail_all(messages, capture_exception("prepare_messages"));
                return false;
            }
        }
        return true;
    }

    void handle(message_type& m) {
        try {
            handler_.handle_message(m);
        } catch (...) {
            fail(m, capture_exception("handle_message"));
        }
    }

    static void fail(message_type& m, failure_info why) {
        message_head& head = m.head();
        head.failure = std::make_unique<failure_info>(std::move(why));
        head.batcher.clear();
        head.batch_key = "default";
        head.mode = batch_mode::bulk;
    }

    static void fail_all(std::vector<message_type>& messages, const failure_info& why) {
        for (auto& m : messages)
            fail(m, why);
    }

    Handler handler_;
    Transform transform_;
};

} // namespace weir::pipeline::engine
