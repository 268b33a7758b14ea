#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace weir::pipeline {

/// Which piece of work comes next, when pieces of the same lane must be done one after another. A lane whose
/// piece is in hand, or that is held, offers nothing; the others take turns. Lanes are divided among groups
/// (lane modulo groups): work is taken for a group. Not thread-safe.
template <class T>
class lane_scheduler {
  public:
    lane_scheduler(std::size_t lanes, std::size_t groups)
        : lanes_(lanes)
        , groups_(groups) {}

    [[nodiscard]] std::size_t lanes() const noexcept { return lanes_.size(); }

    [[nodiscard]] std::size_t groups() const noexcept { return groups_.size(); }

    [[nodiscard]] std::size_t group_of(std::size_t lane) const noexcept { return lane % groups_.size(); }

    /// At the end of its lane.
    void push(std::size_t lane, T piece) {
        const auto n = store(std::move(piece));
        auto& l = lanes_[lane];
        if (l.first == none)
            l.first = n;
        else
            nodes_[l.last].next = n;
        l.last = n;
        offer(lane);
    }

    /// In front of all that waits in its lane.
    void push_front(std::size_t lane, T piece) {
        const auto n = store(std::move(piece));
        auto& l = lanes_[lane];
        nodes_[n].next = l.first;
        if (l.first == none) l.last = n;
        l.first = n;
        offer(lane);
    }

    /// What waits at the end of a lane, or null.
    [[nodiscard]] T* newest(std::size_t lane) noexcept {
        const auto n = lanes_[lane].first == none ? none : lanes_[lane].last;
        return n == none ? nullptr : &nodes_[n].piece;
    }

    struct taken {
        std::size_t lane;
        T piece;
    };

    /// The next piece for a group. Its lane is in hand until `done`.
    [[nodiscard]] std::optional<taken> take(std::size_t group) {
        auto& g = groups_[group];
        if (g.first == none) return std::nullopt;
        const auto lane = g.first;
        withdraw(g);
        lanes_[lane].in_hand = true;
        ++busy_;
        return taken{lane, take_first(lane)};
    }

    /// The piece taken from that lane is done: the next one may be taken.
    void done(std::size_t lane) {
        lanes_[lane].in_hand = false;
        --busy_;
        offer(lane);
    }

    /// From now on, and after what is in hand, nothing of that lane is taken. Holds do not add up.
    void hold(std::size_t lane) {
        auto& l = lanes_[lane];
        if (l.held) return;
        l.held = true;
        ++busy_;
        if (l.offered) withdraw(lane);
    }

    void release(std::size_t lane) {
        auto& l = lanes_[lane];
        if (!l.held) return;
        l.held = false;
        --busy_;
        offer(lane);
    }

    [[nodiscard]] bool held(std::size_t lane) const noexcept { return lanes_[lane].held; }

    /// Lanes of which a piece could be taken now.
    [[nodiscard]] std::size_t ready(std::size_t group) const noexcept { return groups_[group].ready; }

    /// Pieces that wait.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

    /// Whether nothing waits, nothing is in hand and nothing is held.
    [[nodiscard]] bool quiet() const noexcept { return waiting_ == 0 && busy_ == 0; }

    /// Takes out a piece of any lane, whatever its state.
    [[nodiscard]] std::optional<T> take_out() {
        if (waiting_ == 0) return std::nullopt;
        while (lanes_[sweep_ % lanes_.size()].first == none)
            ++sweep_;
        const auto lane = sweep_ % lanes_.size();
        auto piece = take_first(lane);
        if (lanes_[lane].offered && lanes_[lane].first == none) withdraw(lane);
        return piece;
    }

    /// Other numbers, while `quiet`.
    void reshape(std::size_t lanes, std::size_t groups) {
        lanes_.assign(lanes, {});
        groups_.assign(groups, {});
    }

  private:
    using number = std::uint32_t;
    static constexpr number none = std::numeric_limits<number>::max();

    struct node {
        T piece;
        number next{none};
    };

    struct lane_state {
        number first{none}; // what waits
        number last{none};
        number next_offered{none};
        bool offered{false}; // stands in its group's queue
        bool in_hand{false};
        bool held{false};
    };

    struct group_state {
        number first{none}; // lanes of which a piece can be taken, in turns
        number last{none};
        std::size_t ready{0};
    };

    [[nodiscard]] number store(T piece) {
        ++waiting_;
        if (free_ == none) {
            nodes_.push_back({std::move(piece)});
            return static_cast<number>(nodes_.size() - 1);
        }
        const auto n = free_;
        free_ = nodes_[n].next;
        nodes_[n] = {std::move(piece)};
        return n;
    }

    [[nodiscard]] T take_first(std::size_t lane) {
        auto& l = lanes_[lane];
        const auto n = l.first;
        l.first = nodes_[n].next;
        nodes_[n].next = std::exchange(free_, n);
        --waiting_;
        return std::move(nodes_[n].piece);
    }

    /// At the end of the turns, if there is something to be taken.
    void offer(std::size_t lane) {
        auto& l = lanes_[lane];
        if (l.first == none || l.offered || l.in_hand || l.held) return;
        auto& g = groups_[group_of(lane)];
        const auto self = static_cast<number>(lane);
        if (g.first == none)
            g.first = self;
        else
            lanes_[g.last].next_offered = self;
        g.last = self;
        l.offered = true;
        ++g.ready;
    }

    void withdraw(group_state& g) {
        auto& l = lanes_[g.first];
        g.first = std::exchange(l.next_offered, none);
        l.offered = false;
        --g.ready;
    }

    /// From the midst of the turns: rare, so it may search.
    void withdraw(std::size_t lane) {
        auto& g = groups_[group_of(lane)];
        if (g.first == lane) return withdraw(g);
        auto before = g.first;
        while (lanes_[before].next_offered != lane)
            before = lanes_[before].next_offered;
        lanes_[before].next_offered = std::exchange(lanes_[lane].next_offered, none);
        if (g.last == lane) g.last = before;
        lanes_[lane].offered = false;
        --g.ready;
    }

    std::vector<lane_state> lanes_;
    std::vector<group_state> groups_;
    std::vector<node> nodes_; // grows to the largest number of pieces that ever waited
    number free_{none};
    std::size_t waiting_{0};
    std::size_t busy_{0}; // lanes in hand, and holds
    std::size_t sweep_{0};
};

} // namespace weir::pipeline
