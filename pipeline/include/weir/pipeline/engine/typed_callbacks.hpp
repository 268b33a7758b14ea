#pragma once

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/engine/typed_failure_callbacks.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/handler.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// The user's callbacks behind `callbacks`.
template <class Raw, class Data, class Handler, class Transform>
class typed_callbacks : public typed_failure_callbacks<Raw, Data, Handler, Transform> {
    using base = typed_failure_callbacks<Raw, Data, Handler, Transform>;
    using base::handler_;
    using base::transform_;

  public:
    using run_type = typed_message_run<Data, Raw>;
    using message_type = message<Data, Raw>;

    using base::base;

    bool prepare(raw_run& in, message_run& out, std::vector<rejection>& rejected) override {
        auto& entries = static_cast<typed_raw_run<Raw>&>(in).entries;
        auto& messages = static_cast<run_type&>(out).messages;
        for (std::size_t i = 0; i < entries.size(); ++i)
            decode(in, entries[i], i, messages, rejected);
        return messages.empty() || prepare(messages);
    }

    void handle(message_run& messages, std::size_t first, std::size_t count) override {
        for (auto& m : static_cast<run_type&>(messages).span().subspan(first, count))
            handle(m);
    }

    void handle_batch(batch_info info, message_run& messages) override {
        if constexpr (handles_batches<Handler, Data, Raw>) {
            auto& run = static_cast<run_type&>(messages);
            batch<Data, Raw> b{std::move(info), run.span()};
            try {
                handler_.handle_batch(b);
            } catch (...) {
                fail_all(run.messages, capture_exception("handle_batch"));
            }
        }
    }

  private:
    void decode(
        const raw_run& in, entry<Raw>& e, std::size_t index, std::vector<message_type>& into,
        std::vector<rejection>& rejected) {
        try {
            auto data = transform_(std::as_const(e.value));
            if (!data) {
                rejected.push_back(reject(in, e, index, {.text = data.error().message()}));
                return;
            }
            into.emplace_back(std::move(*data), std::move(e.value), head_of(in, e));
        } catch (...) {
            rejected.push_back(reject(in, e, index, capture_exception("the decoder")));
        }
    }

    [[nodiscard]] static rejection reject(
        const raw_run& in, const entry<Raw>& e, std::size_t index, failure_info why) {
        return {static_cast<std::uint32_t>(index), std::move(why), owed(e, in.owner()), e.attempt};
    }

    [[nodiscard]] static message_head head_of(const raw_run& in, const entry<Raw>& e) {
        message_head head;
        head.ack = ack_of(e, in.owner());
        head.accepted_at = e.accepted_at;
        head.attempt = e.attempt;
        head.windowed = e.windowed;
        head.mode = e.mode;
        head.retries = in.retries();
        return head;
    }

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
};

} // namespace weir::pipeline::engine
