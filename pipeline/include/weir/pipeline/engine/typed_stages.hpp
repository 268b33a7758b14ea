#pragma once

#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/engine/typed_callbacks.hpp>
#include <weir/pipeline/engine/typed_partition.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/engine/typed_split.hpp>
#include <weir/pipeline/handler.hpp>
#include <weir/pipeline/per_worker.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// The user's types behind `stage_ops`. `Source` is the handler, or a `per_worker` that makes them.
template <class Raw, class Data, class Source, class Transform>
class typed_stages final : public stage_ops {
  public:
    using handler = handler_type<Source>;
    using run_type = typed_message_run<Data, Raw>;
    using callbacks_type = typed_callbacks<Raw, Data, handler, Transform>;

    typed_stages(Source source, Transform transform)
        : source_(std::move(source))
        , transform_(std::move(transform)) {}

    [[nodiscard]] std::unique_ptr<message_run> make_run(std::size_t capacity) const override {
        return std::make_unique<run_type>(capacity);
    }

    [[nodiscard]] std::unique_ptr<callbacks> make_callbacks() override {
        if constexpr (handler_source<Source>::one_per_worker)
            return std::make_unique<own_callbacks>(source_, transform_);
        else
            return std::make_unique<callbacks_type>(source_, transform_);
    }

    [[nodiscard]] std::unique_ptr<split_states> make_split_states() const override {
        if constexpr (splits_batches<handler, Data, Raw>)
            return std::make_unique<typed_split_states<typename handler::split_state>>();
        else
            return nullptr;
    }

    [[nodiscard]] handler_abilities abilities() const noexcept override {
        return abilities_of<handler, Data, Raw>();
    }

    [[nodiscard]] bool handles_failures() const noexcept override {
        return pipeline::handles_failures<handler, Data, Raw>;
    }

    [[nodiscard]] bool decides_failures() const noexcept override {
        return pipeline::decides_failures<handler, Data, Raw>;
    }

    [[nodiscard]] bool takes_dead_letters() const noexcept override {
        return pipeline::takes_dead_letters<handler, Raw>;
    }

    [[nodiscard]] std::unique_ptr<raw_run> take_back(
        message_run& from, std::uint32_t index, std::size_t source) const override {
        auto& m = static_cast<run_type&>(from).messages[index];
        const auto& head = m.head();
        auto run = std::make_unique<typed_raw_run<Raw>>(source, head.ack.owner);
        run->set_retries(static_cast<std::uint16_t>(head.retries + 1));
        run->entries.push_back(
            {std::move(m.metadata), head.ack.token, head.attempt + 1, head.accepted_at, head.windowed});
        return run;
    }

    void partition(
        const raw_run& chunk, std::vector<partition_value>& into,
        std::vector<std::string>& reasons) override {
        if constexpr (pipeline::partitions<handler, Raw>) {
            const auto& run = static_cast<const typed_raw_run<Raw>&>(chunk);
            if constexpr (handler_source<Source>::one_per_worker)
                partition_each(
                    run, [](const Raw& raw) { return handler::partition_by(raw); }, into, reasons);
            else
                partition_each(
                    run, [this](const Raw& raw) { return source_.partition_by(raw); }, into, reasons);
        }
    }

    void move(message_run& from, std::span<const placement> steps) override {
        auto& messages = static_cast<run_type&>(from).messages;
        for (const auto& step : steps)
            static_cast<run_type*>(step.to)->messages.push_back(std::move(messages[step.index]));
    }

  private:
    static_assert(check_handler<handler, Data, Raw>());
    static_assert(
        !handler_source<Source>::one_per_worker || !partitions<handler, Raw> ||
            partitions_statically<handler, Raw>,
        "partition_by of a handler made per worker must be static: it is called before any worker has the "
        "message");
    static_assert(
        std::is_nothrow_move_constructible_v<Data> && std::is_nothrow_move_constructible_v<Raw>,
        "the data of a message must be movable without exceptions: messages move from stage to stage");

    struct own_handler {
        handler value;
    };

    /// A worker's handler, and the callbacks that use it.
    struct own_callbacks final : own_handler, callbacks_type {
        own_callbacks(Source& source, Transform& transform)
            : own_handler{source.make()}
            , callbacks_type(own_handler::value, transform) {}
    };

    Source source_;
    Transform transform_;
};

} // namespace weir::pipeline::engine
