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
    typed_source(std::shared_ptr<producer<Raw>> p, std::size_t index, const buffer_rules& rules)
        : source(index, rules)
        , producer_(std::move(p)) {}

    ~typed_source() override {
        raw_run* run = nullptr;
        while (pool_.try_pop(run))
            delete run;
    }

    [[nodiscard]] const acknowledger* owner() const noexcept override { return producer_.get(); }

    [[nodiscard]] std::size_t window() const noexcept override { return producer_->window(); }

    [[nodiscard]] bool keeps_buffer() const noexcept override { return producer_->keeps_buffer(); }

    void cut_off() noexcept override {
        const std::scoped_lock lock{mutex_};
        cut_ = true;
    }

    std::size_t abandon_buffer(std::string_view reason) override {
        std::vector<obligation> lost;
        {
            const std::scoped_lock lock{mutex_};
            for (auto* waiting : {&buffer_, &pushed_}) {
                for (const auto& e : *waiting)
                    lost.push_back(owed(e, producer_.get()));
                waiting->clear();
            }
            return_credit(std::exchange(credited_, 0));
            set_buffered(0);
        }
        if (!lost.empty()) services().abandon(*this, lost, reason);
        return lost.size();
    }

    [[nodiscard]] const std::type_info& entry_type() const noexcept override { return typeid(entry<Raw>); }

    [[nodiscard]] std::optional<std::size_t> push(void* entries, std::size_t count, time_point now) override {
        const auto taken = push(std::span{static_cast<entry<Raw>*>(entries), count}, now);
        tell_pause();
        return taken;
    }

    void close_pushes() noexcept override {
        const std::scoped_lock lock{mutex_};
        pushes_closed_ = true;
    }

    [[nodiscard]] std::unique_ptr<raw_run> fresh_run() override { return make_run(); }

    void recycle(std::unique_ptr<raw_run> chunk) noexcept override {
        chunk->clear();
        if (pool_.try_push(chunk.get())) static_cast<void>(chunk.release());
    }

  private:
    using run_type = typed_raw_run<Raw>;

    void emit(std::span<entry<Raw>> entries) override {
        if (entries.empty()) return;
        std::vector<obligation> lost;
        std::string_view why = "buffer overflow";
        std::size_t unserved = 0;
        bool kept = false;
        {
            const std::scoped_lock lock{mutex_};
            services().accepted(*this, entries.size(), windowed(entries));
            if (cut_) {
                why = "emitted after the producer had drained";
                owe(entries, lost);
            } else if (const auto rest = dispatch(entries); !rest.empty()) {
                kept = true;
                keep(rest, lost);
                unserved = take_credit(lost.size()); // what was lost served no demand
            }
        }
        if (!lost.empty()) services().abandon(*this, lost, why);
        if (unserved > 0) give_credit(unserved);
        if (kept) tell_pause();
    }

    /// What there is no room for is left alone: it has not been accepted.
    [[nodiscard]] std::optional<std::size_t> push(std::span<entry<Raw>> entries, time_point now) {
        const std::scoped_lock lock{mutex_};
        if (pushes_closed_) return std::nullopt;
        const auto none_wait = buffer_.empty() && pushed_.empty();
        const auto fitting = room() - std::min(room(), rules().reserve) + (none_wait ? credit() : 0);
        const auto taken = entries.first(std::min(entries.size(), fitting));
        for (auto& e : taken)
            adopt(e, now);
        services().accepted(*this, taken.size(), 0);
        const auto direct = none_wait ? take_credit(taken.size()) : 0;
        cut(taken.begin(), direct);
        append(pushed_, taken.subspan(direct));
        static_cast<void>(serve_locked());
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

    void stopped(const error& reason) override { services().stopped(*this, reason, std::nullopt); }

    void stopped(const error& reason, duration restart_after) override {
        services().stopped(*this, reason, restart_after);
    }

    void finished() override { services().finished(*this); }

    /// Sends on as much as credit and gate allow, unless others wait in front; returns the rest.
    [[nodiscard]] std::span<entry<Raw>> dispatch(std::span<entry<Raw>> entries) {
        auto direct = buffer_.empty() ? take_credit(entries.size()) : 0;
        if (door().metered()) direct = admit(direct);
        cut(entries.begin(), direct);
        return entries.subspan(direct);
    }

    /// How many of so many messages with credit may pass; the others get theirs again when they wait.
    [[nodiscard]] std::size_t admit(std::size_t credited) noexcept {
        const auto admitted = door().admit(credited);
        if (admitted < credited) return_credit(credited - admitted);
        return admitted;
    }

    /// Buffers as much as there is room for; the rest is lost.
    void keep(std::span<entry<Raw>> entries, std::vector<obligation>& lost) {
        if (rules().policy == buffer_policy::drop_oldest) entries = drop_oldest(entries, lost);
        const auto fitting = std::min(entries.size(), room());
        append(buffer_, entries.first(fitting));
        owe(entries.subspan(fitting), lost);
        // Credit that came back before the buffer was seen to be filled would otherwise wait for more of it.
        static_cast<void>(serve_locked());
    }

    /// Makes room for what comes; returns how much of it fits. Those that are left inherit the credit.
    [[nodiscard]] std::span<entry<Raw>> drop_oldest(
        std::span<entry<Raw>> entries, std::vector<obligation>& lost) {
        auto excess = entries.size() - std::min(entries.size(), room());
        for (; excess > 0 && !buffer_.empty(); --excess) {
            lost.push_back(owed(buffer_.front(), producer_.get()));
            buffer_.pop_front();
        }
        owe(entries.first(excess), lost);
        return entries.subspan(excess);
    }

    std::size_t serve_buffer() override {
        const std::scoped_lock lock{mutex_};
        return serve_locked();
    }

    /// Gives credit to those who wait, and sends on those who have it, as far as the gate lets them pass.
    std::size_t serve_locked() {
        const auto past_gate = serve_pushed_locked(take_credit(pushed_.size()));
        if (buffer_.empty()) return past_gate;
        const auto served = take_credit(buffer_.size() - credited_);
        credited_ += served;
        const auto count = door().metered() ? door().admit(credited_) : credited_;
        send(buffer_, count);
        credited_ -= count;
        return past_gate + served;
    }

    /// Messages that were pushed wait for credit, but not for the gate, and not behind those that do.
    std::size_t serve_pushed(std::size_t credit) override {
        const std::scoped_lock lock{mutex_};
        return serve_pushed_locked(std::min(credit, pushed_.size()));
    }

    std::size_t serve_pushed_locked(std::size_t count) {
        send(pushed_, count);
        return count;
    }

    void send(std::deque<entry<Raw>>& from, std::size_t count) {
        if (count == 0) return;
        cut(from.begin(), count);
        from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        set_buffered(waiting());
    }

    void append(std::deque<entry<Raw>>& to, std::span<entry<Raw>> entries) {
        for (auto& e : entries)
            to.push_back(std::move(e));
        set_buffered(waiting());
    }

    [[nodiscard]] std::size_t waiting() const noexcept { return buffer_.size() + pushed_.size(); }

    [[nodiscard]] std::size_t room() const noexcept { return buffer_bound() - waiting(); }

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

    void owe(std::span<const entry<Raw>> entries, std::vector<obligation>& lost) const {
        for (const auto& e : entries)
            lost.push_back(owed(e, producer_.get()));
    }

    [[nodiscard]] static std::size_t windowed(std::span<const entry<Raw>> entries) noexcept {
        std::size_t count = 0;
        for (const auto& e : entries)
            count += e.windowed ? 1 : 0;
        return count;
    }

    void producer_prepare(const start_context& context) override { producer_->prepare(context); }

    void producer_start() override { producer_->start(*this); }

    void producer_pause() override { producer_->pause(); }

    void producer_resume() override { producer_->resume(); }

    void producer_demand(std::size_t count) override { producer_->demand(count); }

    void producer_drain() override { producer_->drain(); }

    void producer_stop(time_point deadline) override { producer_->stop(deadline); }

    void producer_ended(const error& reason) override { producer_->ended(reason); }

    static constexpr std::size_t pooled_runs = 256;

    std::shared_ptr<producer<Raw>> producer_;
    ring<raw_run*> pool_{pooled_runs};
    std::mutex mutex_;              // held for the whole of an emission: order, and a clean cut
    std::deque<entry<Raw>> buffer_; // with those pushed at most buffer_bound()
    std::deque<entry<Raw>> pushed_; // past the producer, by others
    std::size_t credited_{0};       // of these, the first so many have got credit and wait for the gate
    bool cut_{false};
    bool pushes_closed_{false};
};

} // namespace weir::pipeline::engine
