#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/engine/buffer_rules.hpp>
#include <weir/pipeline/engine/gate.hpp>
#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/engine/producer_calls.hpp>
#include <weir/pipeline/start_plan.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <typeinfo>

namespace weir::pipeline::engine {

class source;

/// What the engine does for its sources. Thread-safe.
class source_services {
  public:
    virtual ~source_services() = default;

    /// Counts messages as accepted: from now on each of them is owed a settlement.
    virtual void accepted(source& from, std::size_t count, std::size_t windowed) noexcept = 0;

    /// How long the chunks should be into which a burst of `count` messages is cut.
    [[nodiscard]] virtual std::size_t chunk_length(std::size_t count) const noexcept = 0;

    virtual void push(std::unique_ptr<raw_run> chunk) noexcept = 0;
    virtual void pushed() noexcept = 0; ///< after a series of pushes: wakes a processor

    virtual void abandon(source& from, std::span<const obligation> lost, std::string_view reason) = 0;
    virtual void drained(source& which) noexcept = 0;
    virtual void failed(source& which, const error& reason) noexcept = 0;
    virtual void stopped(source& which, const error& reason, std::optional<duration> restart_after) = 0;
    virtual void finished(source& which) noexcept = 0;
    virtual void told_to_pause(source& which, bool paused) = 0;

  protected:
    source_services() = default;
    source_services(const source_services&) = default;
    source_services& operator=(const source_services&) = default;
};

/// The engine's side of one producer: its credit, that is demand announced and not yet served, and the doors
/// through which producer and engine call each other. The typed side is `typed_source`.
class source {
  public:
    source(std::size_t index, const buffer_rules& rules) noexcept
        : index_(index)
        , rules_(rules) {}

    source(const source&) = delete;
    source& operator=(const source&) = delete;
    virtual ~source() = default;

    /// `gate`: what messages pass when they leave.
    void connect(source_services& services, gate& gate) noexcept {
        services_ = &services;
        gate_ = &gate;
    }

    [[nodiscard]] std::size_t index() const noexcept { return index_; }

    [[nodiscard]] std::size_t buffered() const noexcept { return buffered_.load(); }

    [[nodiscard]] std::size_t buffer_bound() const noexcept { return rules_.bound; }

    [[nodiscard]] virtual const acknowledger* owner() const noexcept = 0;
    [[nodiscard]] virtual std::size_t window() const noexcept = 0;

    /// As `producer::start`; what it throws comes out.
    void start();

    void prepare(const start_context& context) { producer_prepare(context); }

    /// Stops a producer that has failed; credit that it was told of is kept for its next start.
    void take_down(const error& reason, time_point deadline) noexcept;

    /// Starts it again; what its `start` throws comes out.
    void restart();

    [[nodiscard]] bool is_down() const noexcept { return down_.load(); }

    [[nodiscard]] std::size_t restarts() const noexcept { return restarts_.load(); }

    [[nodiscard]] virtual bool keeps_buffer() const noexcept = 0;

    /// Announces no more demand to a producer that has finished.
    void finish() noexcept { calls_.shut(); }

    [[nodiscard]] virtual const std::type_info& entry_type() const noexcept = 0;

    /// Takes messages that somebody hands in past the producer, `entries` being an array of `entry_type()`,
    /// as far as there is credit or room in the buffer; says how many. Nothing: it drains.
    [[nodiscard]] virtual std::optional<std::size_t> push(
        void* entries, std::size_t count, time_point now) = 0;

    /// Adds credit: serves the buffer first and announces what remains of it, unless the gate is closed: then
    /// it is kept for later. Contains the producer's exceptions: such a producer counts as failed.
    void give_credit(std::size_t count) noexcept;

    /// So much of what is given from now on is kept: fewer processors mean less demand.
    void owe_credit(std::size_t count) noexcept { owed_credit_.fetch_add(count); }

    /// What is to be kept yet.
    [[nodiscard]] std::size_t owed_credit() const noexcept { return owed_credit_.load(); }

    /// The gate has opened or closed: sends on what may pass, and tells the producer to pause or resume.
    void gate_changed() noexcept;

    /// Takes no more pushed messages, announces no more demand, then tells the producer to drain.
    void drain() noexcept;

    /// Whether this is the first time.
    [[nodiscard]] bool mark_drained() noexcept { return !drained_.exchange(true); }

    /// What is emitted from now on is abandoned.
    virtual void cut_off() noexcept = 0;

    /// Abandons what waits in the buffer; says how much that was.
    virtual std::size_t abandon_buffer(std::string_view reason) = 0;

    /// If it runs.
    void stop(time_point deadline, const error& reason) noexcept;

    /// Takes back a chunk whose messages have gone on.
    virtual void recycle(std::unique_ptr<raw_run> chunk) noexcept = 0;

    /// An empty chunk of this source. Thread-safe.
    [[nodiscard]] virtual std::unique_ptr<raw_run> fresh_run() = 0;

  protected:
    [[nodiscard]] source_services& services() const noexcept { return *services_; }

    [[nodiscard]] std::size_t credit() const noexcept { return credit_.load(); }

    [[nodiscard]] gate& door() const noexcept { return *gate_; }

    [[nodiscard]] const buffer_rules& rules() const noexcept { return rules_; }

    /// Takes up to `wanted` from the credit.
    [[nodiscard]] std::size_t take_credit(std::size_t wanted) noexcept;

    /// Gives back what `take_credit` took and nobody used.
    void return_credit(std::size_t count) noexcept { credit_.fetch_add(count); }

    /// Of one caller at a time.
    void set_buffered(std::size_t count) noexcept;

    /// Tells the producer to pause or to resume if that is due. Never blocks; may be called from inside such
    /// a call.
    void tell_pause() noexcept {
        if (wants_pause() != told_paused_.load()) settle_pause();
    }

    virtual void close_pushes() noexcept = 0;
    virtual std::size_t serve_buffer() = 0; ///< as far as credit goes; how many messages got some
    virtual std::size_t serve_pushed(std::size_t credit) = 0; ///< those that pass no gate; how many
    virtual void producer_prepare(const start_context& context) = 0;
    virtual void producer_start() = 0;
    virtual void producer_demand(std::size_t count) = 0;
    virtual void producer_pause() = 0;
    virtual void producer_resume() = 0;
    virtual void producer_drain() = 0;
    virtual void producer_stop(time_point deadline) = 0;
    virtual void producer_ended(const error& reason) = 0;

  private:
    [[nodiscard]] bool wants_pause() const noexcept { return full_.load() || gate_->wants_pause(); }

    void hold(std::size_t credit) noexcept;
    void release_held() noexcept;
    void announce(std::size_t count) noexcept;
    void settle_pause() noexcept;
    template <class Call>
    bool call_producer(std::string_view what, Call call) noexcept;

    std::size_t index_;
    buffer_rules rules_;
    source_services* services_{nullptr};
    gate* gate_{nullptr};
    std::atomic<std::size_t> owed_credit_{0};
    std::atomic<std::size_t> credit_{0};
    std::atomic<std::size_t> held_{0}; // credit that came while it could not be announced
    std::atomic<std::size_t> buffered_{0};
    std::atomic<bool> full_{false}; // since the high watermark was reached, until the low one is
    std::atomic<bool> told_paused_{false};
    std::atomic<std::uint32_t> pause_calls_{0};
    std::atomic<bool> drained_{false};
    std::atomic<bool> down_{false}; // between a failure and the next start
    std::atomic<std::size_t> restarts_{0};
    bool runs_{false}; // of whoever starts and stops it
    producer_calls calls_;
};

} // namespace weir::pipeline::engine
