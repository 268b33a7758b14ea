#pragma once

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/handler.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir::pipeline::engine {

/// The part of `callbacks` that deals with failed messages.
template <class Raw, class Data, class Handler, class Transform>
class typed_failure_callbacks : public callbacks {
  public:
    using run_type = typed_message_run<Data, Raw>;
    using message_type = message<Data, Raw>;

    typed_failure_callbacks(Handler& handler, Transform& transform) noexcept
        : handler_(handler)
        , transform_(transform) {}

    void handle_failed(message_run& failed) override {
        if constexpr (handles_failures<Handler, Data, Raw>) {
            const auto messages = static_cast<run_type&>(failed).span();
            // With a decision asked for this has happened before that.
            if constexpr (!decides_failures<Handler, Data, Raw>)
                for (auto& m : messages)
                    restore(m);
            try {
                handler_.handle_failed(messages);
            } catch (...) {
                this->set_thrown(capture_exception("handle_failed"));
            }
        }
    }

    [[nodiscard]] verdict decide(message_run& messages, std::uint32_t index) override {
        if constexpr (decides_failures<Handler, Data, Raw>) {
            auto& m = static_cast<run_type&>(messages).messages[index];
            restore(m);
            try {
                return handler_.decide_failure(std::as_const(m));
            } catch (...) {
                static_cast<void>(capture_exception("decide_failure"));
            }
        }
        return verdict::retry;
    }

    [[nodiscard]] std::unique_ptr<failure_info> bury(
        message_run& messages, std::uint32_t index, failure_stage stage) override {
        auto& m = static_cast<run_type&>(messages).messages[index];
        static const failure_info unknown{.text = "failed"};
        const auto& why = m.failed() ? *m.failure() : unknown; // `handle_failed` may have taken it away
        return bury({m.metadata, why, m.attempt(), m.accepted_at(), stage});
    }

    [[nodiscard]] std::unique_ptr<failure_info> bury(raw_run& in, const rejection& undecodable) override {
        auto& e = static_cast<typed_raw_run<Raw>&>(in).entries[undecodable.index];
        return bury(
            {e.value, undecodable.failure, undecodable.attempt, e.accepted_at, failure_stage::decode});
    }

  protected:
    Handler& handler_;
    Transform& transform_;

  private:
    [[nodiscard]] std::unique_ptr<failure_info> bury(dead_letter<Raw> letter) {
        if constexpr (takes_dead_letters<Handler, Raw>) {
            try {
                handler_.handle_dead_letter(letter);
            } catch (...) {
                return std::make_unique<failure_info>(capture_exception("handle_dead_letter"));
            }
        }
        return nullptr;
    }

    /// A callback that threw may have left the data half-changed: makes it anew for those who look at it.
    void restore(message_type& m) {
        if (!m.failed() || m.failure()->exception == nullptr) return;
        try {
            auto data = transform_(std::as_const(m.metadata));
            if (!data) return;
            std::destroy_at(&m.data);
            std::construct_at(&m.data, std::move(*data));
        } catch (...) {
            static_cast<void>(capture_exception("the decoder, asked again after an exception"));
        }
    }
};

} // namespace weir::pipeline::engine
