#pragma once

#include <weir/base/ring.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/noop_acknowledger.hpp>
#include <weir/pipeline/producer.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <typeinfo>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// One producer's intake: cuts what it emits into chunks as far as demand goes and keeps the excess.
template <class Raw>
class typed_source final : public source, private intake<Raw> {
  public:
    typed_source(std::shared_ptr<producer<Raw>> p, std::size_t index, std::size_t buffer_bound)
        : source(index, buffer_bound)
        , producer_(std::move(p)) {}

    ~typed_source() override {
        raw_run* run = nullptr;
        while (pool_.try_pop(run))
            delete run;
    }

    [[nodiscard]] const acknowledger* owner() const noexcept override { return producer_.get(); }

    [[nodiscard]] std::size_t window() const noexcept override { return producer_->window(); }

    void start() override { producer_->start(*this); }

    void cut_off() noexcept override {
        const std::scoped_lock lock{mutex_};
        cut_ = true;
    }

    void abandon_buffer(std::string_view reason) override {
        std::vector<obligation> lost;
        {
            const std::scoped_lock lock{mutex_};
            for (const auto& e : buffer_)
                lost.push_back(owed(e, producer_.get()));
            buffer_.clear();
            set_buffered(0);
        }
        if (!lost.empty()) services().abandon(*this, lost, reason);
    }

    [[nodiscard]] const std::type_info& entry_type() const noexcept override { return typeid(entry<Raw>); }

    [[nodiscard]] std::optional<std::size_t> push(void* entries, std::size_t count, time_point now) override {
        return push(std::span{static_cast<entry<Raw>*>(entries), count}, now);
    }

    void close_pushes() noexcept override {
        const std::scoped_lock lock{mutex_};
        pushes_closed_ = true;
    }

    void recycle(std::unique_ptr<raw_run> chunk) noexcept override {
        chunk->clear();
        if (pool_.try_push(chunk.get())) static_cast<void>(chunk.release());
    }

  private:
    using run_type = typed_raw_run<Raw>;

    void emit(std::span<entry<Raw>> entries) override {
        if (entries.empty()) return;
        std::vector<obligation> lost;
        std::string_view why = "emitted after the producer had drained";
        {
            const std::scoped_lock lock{mutex_};
            services().accepted(*this, entries.size(), windowed(entries));
            auto rest = entries;
            if (!cut_) {
                why = "buffer overflow";
                rest = keep(dispatch(entries));
            }
            for (const auto& e : rest)
                lost.push_back(owed(e, producer_.get()));
        }
        if (!lost.empty()) services().abandon(*this, lost, why);
    }

    /// What there is no room for is left alone: it has not been accepted.
    [[nodiscard]] std::optional<std::size_t> push(std::span<entry<Raw>> entries, time_point now) {
        const std::scoped_lock lock{mutex_};
        if (pushes_closed_) return std::nullopt;
        const auto room = buffer_bound() - buffer_.size() + (buffer_.empty() ? credit() : 0);
        const auto taken = entries.first(std::min(entries.size(), room));
        for (auto& e : taken)
            adopt(e, now);
        services().accepted(*this, taken.size(), 0);
        static_cast<void>(keep(dispatch(taken))); // all of it, as credit can only have grown
        return taken.size();
    }

    /// The source knows nothing of a message that was pushed.
    static void adopt(entry<Raw>& e, time_point now) noexcept {
        if (e.owner == nullptr) e.owner = &noop_acknowledger();
        if (e.accepted_at == time_point{}) e.accepted_at = now;
        e.windowed = false;
    }

    void drained() override { services().drained(*this); }

    void failed(const error& reason) override { services().failed(*this, reason); }

    /// Sends on as much as credit allows, unless others wait in front; returns the rest.
    [[nodiscard]] std::span<entry<Raw>> dispatch(std::span<entry<Raw>> entries) {
        const auto direct = buffer_.empty() ? take_credit(entries.size()) : 0;
        cut(entries.begin(), direct);
        return entries.subspan(direct);
    }

    /// Buffers as much as there is room for; returns the rest.
    [[nodiscard]] std::span<entry<Raw>> keep(std::span<entry<Raw>> entries) {
        const auto room = std::min(entries.size(), buffer_bound() - buffer_.size());
        if (room == 0) return entries;
        for (auto& e : entries.first(room))
            buffer_.push_back(std::move(e));
        set_buffered(buffer_.size());
        // Credit that came back before the buffer was seen to be filled would otherwise wait for more of it.
        serve_locked();
        return entries.subspan(room);
    }

    std::size_t serve_buffer() override {
        const std::scoped_lock lock{mutex_};
        return serve_locked();
    }

    std::size_t serve_locked() {
        if (buffer_.empty()) return 0;
        const auto count = take_credit(buffer_.size());
        cut(buffer_.begin(), count);
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
        set_buffered(buffer_.size());
        return count;
    }

    template <class Iterator>
    void cut(Iterator from, std::size_t count) {
        if (count == 0) return;
        const auto length = services().chunk_length(count);
        while (count > 0) {
            const auto n = std::min(count, length);
            auto run = make_run();
            for (std::size_t i = 0; i < n; ++i)
                run->entries.push_back(std::move(*from++));
            services().push(std::move(run));
            count -= n;
        }
        services().pushed();
    }

    [[nodiscard]] std::unique_ptr<run_type> make_run() {
        raw_run* run = nullptr;
        if (pool_.try_pop(run)) return std::unique_ptr<run_type>{static_cast<run_type*>(run)};
        return std::make_unique<run_type>(index(), producer_.get());
    }

    [[nodiscard]] static std::size_t windowed(std::span<const entry<Raw>> entries) noexcept {
        std::size_t count = 0;
        for (const auto& e : entries)
            count += e.windowed ? 1 : 0;
        return count;
    }

    void producer_demand(std::size_t count) override { producer_->demand(count); }

    void producer_drain() override { producer_->drain(); }

    void producer_stop(time_point deadline) override { producer_->stop(deadline); }

    static constexpr std::size_t pooled_runs = 256;

    std::shared_ptr<producer<Raw>> producer_;
    ring<raw_run*> pool_{pooled_runs};
    std::mutex mutex_;              // held for the whole of an emission: order, and a clean cut
    std::deque<entry<Raw>> buffer_; // at most buffer_bound()
    bool cut_{false};
    bool pushes_closed_{false};
};

} // namespace weir::pipeline::engine
