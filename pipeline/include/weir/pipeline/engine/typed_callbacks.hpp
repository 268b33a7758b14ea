#pragma once

#include <weir/pipeline/drop.hpp>
#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/engine/typed_failure_callbacks.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/engine/typed_split.hpp>
#include <weir/pipeline/handler.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
        if constexpr (!awaits_messages<Handler, Data, Raw>) {
            const auto some = static_cast<run_type&>(messages).span().subspan(first, count);
            if (this->observer() != nullptr) return handle_observed(some, *this->observer());
            for (auto& m : some)
                static_cast<void>(handle(m));
        }
    }

    void measure(message_run& messages, std::span<const std::uint32_t> which, std::vector<std::size_t>& bytes)
        override {
        auto& run = static_cast<run_type&>(messages).messages;
        for (const auto i : which) {
            bytes.push_back(0);
            attempt(run[i], "message_size", [&](message_type& m) { bytes.back() = size_of(m); });
        }
    }

    void partition(
        message_run& messages, std::span<const std::uint32_t> which,
        std::vector<partition_value>& values) override {
        auto& run = static_cast<run_type&>(messages).messages;
        for (const auto i : which) {
            values.push_back(0);
            attempt(run[i], partitioner(), [&](message_type& m) {
                values.back() = partition_of(m);
                if (values.back() >= 0) return;
                fail(
                    m, {.text = std::string{partitioner()} + " gave " + std::to_string(values.back()) +
                                ", must be at least 0"});
            });
        }
    }

    std::optional<split_verdict> split(
        std::string_view batcher, split_states& states, std::uint32_t slot, bool first, message_run& messages,
        std::uint32_t index) override {
        std::optional<split_verdict> verdict;
        if constexpr (splits_batches<Handler, Data, Raw>) {
            auto& all = static_cast<typed_split_states<typename Handler::split_state>&>(states);
            attempt(static_cast<run_type&>(messages).messages[index], "split_batch", [&](message_type& m) {
                auto& state = first ? all.reset(slot) : all[slot];
                verdict = handler_.split_batch(batcher, state, std::as_const(m));
            });
        }
        return verdict;
    }

    [[nodiscard]] bool handle_batch(
        batch_info info, message_run& messages, std::size_t first, std::size_t count) override {
        if constexpr (handles_batches<Handler, Data, Raw> && !awaits_batches<Handler, Data, Raw>) {
            const auto part = static_cast<run_type&>(messages).span().subspan(first, count);
            batch<Data, Raw> b{std::move(info), part};
            try {
                handler_.handle_batch(b);
            } catch (...) {
                fail_all(part, capture_exception("handle_batch"));
                return false;
            }
        }
        return true;
    }

    task<void> message_task(message_run& messages, std::size_t index, message_observer* observer) override {
        if constexpr (awaits_messages<Handler, Data, Raw>)
            return await_handling(static_cast<run_type&>(messages).messages[index], observer);
        else
            return {};
    }

    task<bool> batch_task(
        const batch_info& info, message_run& messages, std::size_t first, std::size_t count) override {
        if constexpr (awaits_batches<Handler, Data, Raw>)
            return await_handling(info, static_cast<run_type&>(messages).span().subspan(first, count));
        else
            return {};
    }

  private:
    void decode(
        const raw_run& in, entry<Raw>& e, std::size_t index, std::vector<message_type>& into,
        std::vector<rejection>& rejected) {
        try {
            auto data = transform_(std::as_const(e.value));
            if (!data) {
                rejected.push_back(refuse(in, e, index, data.error()));
                return;
            }
            into.emplace_back(std::move(*data), std::move(e.value), head_of(in, e));
        } catch (...) {
            rejected.push_back(reject(in, e, index, capture_exception("the decoder")));
        }
    }

    [[nodiscard]] static rejection refuse(
        const raw_run& in, const entry<Raw>& e, std::size_t index, const error& why) {
        if (!is_drop(why)) return reject(in, e, index, {.text = why.message()});
        auto dropped = reject(in, e, index, {.text = why.detail.empty() ? why.message() : why.detail});
        dropped.result = outcome::successful;
        return dropped;
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

    task<void> await_handling(message_type& m, message_observer* observer) {
        if (observer != nullptr) observer->before(view_of(m));
        bool returned = true;
        try {
            co_await handler_.handle_message(m);
        } catch (...) {
            fail(m, capture_exception("handle_message"));
            returned = false;
        }
        if (observer != nullptr) observer->after(view_of(m), returned ? nullptr : m.failure());
    }

    task<bool> await_handling(const batch_info& info, std::span<message_type> part) {
        batch<Data, Raw> b{info, part};
        try {
            co_await handler_.handle_batch(b);
        } catch (...) {
            fail_all(part, capture_exception("handle_batch"));
            co_return false;
        }
        co_return true;
    }

    void handle_observed(std::span<message_type> messages, message_observer& observer) {
        for (auto& m : messages) {
            observer.before(view_of(m));
            const bool returned = handle(m);
            observer.after(view_of(m), returned ? nullptr : m.failure());
        }
    }

    /// Whether it returned.
    bool handle(message_type& m) {
        try {
            handler_.handle_message(m);
            return true;
        } catch (...) {
            fail(m, capture_exception("handle_message"));
            return false;
        }
    }

    template <class Function>
    static void attempt(message_type& m, std::string_view what, Function function) {
        try {
            function(m);
        } catch (...) {
            fail(m, capture_exception(what));
        }
    }

    [[nodiscard]] std::size_t size_of(const message_type& m) {
        if constexpr (measures_messages<Handler, Data, Raw>)
            return static_cast<std::size_t>(handler_.message_size(m));
        else if constexpr (byte_run<Data>)
            return static_cast<std::size_t>(m.data.size());
        else
            return 0; // refused by the options' check
    }

    [[nodiscard]] static constexpr std::string_view partitioner() noexcept {
        return partitions_batches<Handler, Data, Raw> ? "partition_batch_by" : "partition_by";
    }

    [[nodiscard]] partition_value partition_of(const message_type& m) {
        if constexpr (partitions_batches<Handler, Data, Raw>)
            return static_cast<partition_value>(handler_.partition_batch_by(m));
        else if constexpr (partitions<Handler, Raw>)
            return static_cast<partition_value>(handler_.partition_by(m.metadata));
        else
            return 0; // refused by the options' check
    }

    static void fail(message_type& m, failure_info why) {
        message_head& head = m.head();
        head.failure = std::make_unique<failure_info>(std::move(why));
        head.batcher.clear();
        head.batch_key = "default";
        head.mode = batch_mode::bulk;
    }

    static void fail_all(std::span<message_type> messages, const failure_info& why) {
        for (auto& m : messages)
            fail(m, why);
    }
};

} // namespace weir::pipeline::engine
