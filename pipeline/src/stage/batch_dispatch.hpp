#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::pipeline {

/// Decides which finished batch goes to which batch processor, and when.
///
/// In the order of their completion; not partitioned, to the worker that has been idle longest; partitioned,
/// each to the worker with the index of its partition. With `serial_per_key` a batch waits until the one
/// before it of its key is done, while batches of other keys overtake it. Workers are known by a
/// handle of the caller's choice. Not thread-safe.
template <class Batch, class Worker>
class batch_dispatch {
  public:
    struct rules {
        std::size_t workers{1};
        bool partitioned{false};
        bool serial_per_key{false};
    };

    explicit batch_dispatch(const rules& r)
        : rules_(r)
        , ready_(r.partitioned ? r.workers : 1)
        , idle_in_lane_(r.partitioned ? r.workers : 0) {}

    /// `partition` is less than the number of workers; 0 when not partitioned.
    void push(Batch batch, const std::string& key, std::size_t partition) {
        item i{next_number_++, partition, std::move(batch)};
        if (rules_.serial_per_key) {
            const auto [found, is_first] = keys_.try_emplace(key);
            if (!is_first) {
                found->second.push_back(std::move(i));
                ++size_;
                return;
            }
        }
        ready_[lane(partition)].push_back(std::move(i));
        ++size_;
    }

    /// A batch that was handed out and is not done comes back, to be handled before those that wait. With
    /// `serial_per_key` the others of its key go on waiting for it.
    void put_back(Batch batch, std::size_t partition) {
        ready_[lane(partition)].push_front({0, partition, std::move(batch)});
        ++size_;
    }

    /// A worker that has no batch in hand waits for one from now on: partitioned, for those of partition
    /// `index`.
    void idle(Worker worker, std::size_t index) {
        if (rules_.partitioned)
            idle_in_lane_[index] = worker;
        else
            idle_.push_back(worker);
    }

    /// It waits no longer.
    void withdraw(Worker worker) {
        std::erase(idle_, worker);
        for (auto& w : idle_in_lane_)
            if (w == worker) w.reset();
    }

    struct assignment {
        Worker worker;
        Batch batch;
    };

    /// The next batch that can be handled now; its worker is no longer idle.
    [[nodiscard]] std::optional<assignment> next() {
        return rules_.partitioned ? next_of_lanes() : next_of_all();
    }

    /// A batch of that key that was handed out is done; with `serial_per_key` only.
    void done(const std::string& key) {
        const auto found = keys_.find(key);
        if (found == keys_.end()) return; // taken back meanwhile
        if (found->second.empty()) {
            keys_.erase(found);
            return;
        }
        item i = std::move(found->second.front());
        found->second.pop_front();
        insert(std::move(i));
    }

    /// Batches that wait here.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Takes them all back.
    template <class Function>
    void clear(Function take) {
        for (auto& lane : ready_) {
            for (auto& i : lane)
                take(std::move(i.batch));
            lane.clear();
        }
        for (auto& [key, waiting] : keys_)
            for (auto& i : waiting)
                take(std::move(i.batch));
        keys_.clear();
        size_ = 0;
    }

  private:
    struct item {
        std::uint64_t number; // in order of completion
        std::size_t partition;
        Batch batch;
    };

    [[nodiscard]] std::size_t lane(std::size_t partition) const noexcept {
        return rules_.partitioned ? partition : 0;
    }

    /// Before those that were completed later.
    void insert(item i) {
        auto& into = ready_[lane(i.partition)];
        auto at = into.begin();
        while (at != into.end() && at->number < i.number)
            ++at;
        into.insert(at, std::move(i));
    }

    [[nodiscard]] std::optional<assignment> next_of_all() {
        if (ready_[0].empty() || idle_.empty()) return std::nullopt;
        const auto worker = idle_.front();
        idle_.pop_front();
        return assignment{worker, pop(0)};
    }

    [[nodiscard]] std::optional<assignment> next_of_lanes() {
        for (std::size_t l = 0; l < ready_.size(); ++l) {
            if (!idle_in_lane_[l] || ready_[l].empty()) continue;
            const auto worker = *std::exchange(idle_in_lane_[l], std::nullopt);
            return assignment{worker, pop(l)};
        }
        return std::nullopt;
    }

    [[nodiscard]] Batch pop(std::size_t lane) {
        Batch batch = std::move(ready_[lane].front().batch);
        ready_[lane].pop_front();
        --size_;
        return batch;
    }

    rules rules_;
    std::vector<std::deque<item>> ready_;             // by partition; or one for all
    std::deque<Worker> idle_;                         // not partitioned: the front has been idle longest
    std::vector<std::optional<Worker>> idle_in_lane_; // partitioned
    std::unordered_map<std::string, std::deque<item>> keys_; // of batches handed out or ready; behind them
    std::size_t size_{0};
    std::uint64_t next_number_{0};
};

} // namespace weir::pipeline
