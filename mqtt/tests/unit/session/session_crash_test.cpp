#include "unit/store_driver.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// One history, cut off at every step of it (and once more at every step of what follows), and with every
/// write to the store failing once: what reaches the server and the application in the end.
namespace weir::mqtt {
namespace {

using namespace test;
using kind = stored_record::kind;

/// A server that keeps its session.
class reference_server {
  public:
    std::map<std::string, int> arrived{}; ///< publishes of the client, as handed on

    void push(std::uint16_t id, std::string_view payload) { out_[id] = {qos2(id, payload), false}; }

    /// What it sends when a connection begins.
    std::vector<packet> connected() {
        std::vector<packet> all;
        for (auto& [id, m] : out_) {
            if (m.released)
                all.emplace_back(pubrel(id));
            else
                all.emplace_back(m.message);
            m.message.dup = true;
        }
        return all;
    }

    std::vector<packet> received(const packet& p) {
        if (const auto* m = std::get_if<publish>(&p)) {
            if (m->qos == qos::at_least_once) {
                ++arrived[std::string(m->payload.text())];
                return packets(puback(m->packet_id));
            }
            if (taken_.insert(m->packet_id).second) ++arrived[std::string(m->payload.text())];
            return packets(pubrec(m->packet_id));
        }
        const auto* a = std::get_if<ack>(&p);
        if (a == nullptr) return {};
        switch (a->type) {
        case ack_type::pubrec: out_.at(a->packet_id).released = true; return packets(pubrel(a->packet_id));
        case ack_type::pubcomp: out_.erase(a->packet_id); return {};
        case ack_type::pubrel: taken_.erase(a->packet_id); return packets(pubcomp(a->packet_id));
        default: return {};
        }
    }

    [[nodiscard]] bool has_unfinished() const { return !out_.empty() || !taken_.empty(); }

  private:
    struct outgoing_message {
        publish message{};
        bool released{false};
    };

    std::map<std::uint16_t, outgoing_message> out_;
    std::set<std::uint16_t> taken_;
};

class history {
  public:
    explicit history(client_options o)
        : options_(std::move(o)) {
        for (std::uint16_t id = 1; id <= 4; ++id)
            server.push(id, "in" + std::to_string(id));
    }

    /// A process: publishes when it is the first, and works for that many steps. False: it was cut off.
    bool live(int steps, int failing_write = 0) {
        steps_left_ = steps;
        writes_until_failure_ = failing_write;
        store_driver d{disk_, options_};
        d.accept(processes_++ != 0);
        to_client_ = server.connected();
        if (processes_ == 1)
            for (int n = 0; n < 6; ++n)
                publish_one(d, n);
        handled_ = 0;
        while (true) {
            bool worked = false;
            for (const auto action : {&history::write, &history::send, &history::answer, &history::process}) {
                const bool did = (this->*action)(d);
                if (did && --steps_left_ <= 0) return false;
                worked = worked || did;
            }
            if (worked) continue;
            if (d.client.deadline() && failures_ != 0 && d.now < give_up_) {
                d.now += std::chrono::milliseconds{500};
                continue;
            }
            return true;
        }
    }

    void expect_all_well() {
        for (const auto& payload : stored_) {
            if (failed_.contains(payload)) continue;
            const bool once = payload.ends_with("2");
            EXPECT_GE(server.arrived[payload], 1) << payload;
            EXPECT_LE(server.arrived[payload], once ? 1 : 3) << payload;
        }
        for (const auto& payload : failed_)
            EXPECT_EQ(server.arrived.count(payload), 0u) << payload;
        for (const auto& [payload, times] : server.arrived)
            EXPECT_LE(times, payload.ends_with("2") ? 1 : 3) << payload;
        for (int id = 1; id <= 4; ++id)
            EXPECT_GE(processed["in" + std::to_string(id)].size(), 1u) << id;
        EXPECT_FALSE(server.has_unfinished());
        for (const auto k : {kind::message, kind::flight, kind::received_id, kind::received})
            EXPECT_EQ(disk_.count(k), 0u) << to_string(k);
    }

    reference_server server{};
    std::map<std::string, std::vector<std::uint64_t>> processed{}; ///< numbers in the store, for each time

    int steps_taken(int of) const { return of - steps_left_; }

  private:
    void publish_one(store_driver& d, int n) {
        const bool twice = n % 2 == 0;
        const auto payload = "out" + std::to_string(n) + (twice ? "-qos2" : "-qos1");
        const auto operation = d.publish(twice ? qos::exactly_once : qos::at_least_once, payload);
        if (operation) names_[*operation] = payload;
    }

    bool write(store_driver& d) {
        if (writes_until_failure_ != 0 && --writes_until_failure_ == 0) {
            if (d.fail(error{errc::io_error, "at this write"})) {
                ++failures_;
                give_up_ = d.now + std::chrono::seconds{10};
                return true;
            }
            writes_until_failure_ = 1;
        }
        return d.flush_once();
    }

    bool send(store_driver& d) {
        const auto out = d.sent();
        for (const auto& p : out)
            for (auto& reply : server.received(p))
                to_client_.push_back(std::move(reply));
        return !out.empty();
    }

    bool answer(store_driver& d) {
        if (to_client_.empty() || !d.client.wants_read()) return false;
        const auto next = to_client_.front();
        to_client_.erase(to_client_.begin());
        d.server(next);
        return true;
    }

    bool process(store_driver& d) {
        if (handled_ == d.happened.size()) return false;
        const auto e = d.happened[handled_++];
        if (const auto* s = std::get_if<publish_stored>(&e)) stored_.insert(names_[s->operation]);
        if (const auto* done = std::get_if<publish_done>(&e); done != nullptr && done->failed)
            failed_.insert(names_[done->operation]);
        if (const auto* m = std::get_if<message_received>(&e)) {
            processed[std::string(m->received.payload.text())].push_back(m->stored);
            d.ack({m->token});
        }
        return true;
    }

    client_options options_;
    virtual_disk disk_{};
    std::vector<packet> to_client_{};
    std::map<operation_id, std::string> names_{};
    std::set<std::string> stored_{};
    std::set<std::string> failed_{};
    std::size_t handled_{0};
    int processes_{0};
    int steps_left_{0};
    int writes_until_failure_{0};
    int failures_{0};
    time_point give_up_{};
};

constexpr int endless = 1'000'000;

class crash : public ::testing::TestWithParam<qos2_receive> {
  protected:
    static client_options options() {
        auto o = lasting();
        o.qos2_receive = GetParam();
        o.max_inflight = 3;
        return o;
    }

    static int length() {
        history whole{options()};
        EXPECT_TRUE(whole.live(endless));
        whole.expect_all_well();
        for (const auto& [payload, times] : whole.processed)
            EXPECT_EQ(times.size(), 1u) << payload;
        return whole.steps_taken(endless);
    }
};

TEST_P(crash, at_any_step_and_again_at_any_step_loses_nothing_and_sends_nothing_twice) {
    const int steps = length();
    ASSERT_GT(steps, 30);
    for (int first = 1; first <= steps; ++first)
        for (int second = 1; second <= steps; second += 3) {
            history h{options()};
            (void)h.live(first);
            (void)h.live(second);
            ASSERT_TRUE(h.live(endless));
            h.expect_all_well();
            for (const auto& [payload, numbers] : h.processed) {
                EXPECT_LE(numbers.size(), 3u) << payload; // once for each process
                const std::set distinct(numbers.begin(), numbers.end());
                EXPECT_EQ(distinct.size(), 1u) << payload; // 0 when it did not go through the store
            }
            ASSERT_FALSE(HasFailure()) << "killed at " << first << ", then at " << second;
        }
}

TEST_P(crash, every_write_may_fail_once) {
    for (int write = 1; write <= 40; ++write) {
        history h{options()};
        ASSERT_TRUE(h.live(endless, write));
        h.expect_all_well();
        for (const auto& [payload, times] : h.processed)
            EXPECT_EQ(times.size(), 1u) << payload;
        ASSERT_FALSE(HasFailure()) << "write " << write;
    }
}

INSTANTIATE_TEST_SUITE_P(
    session_store, crash, ::testing::Values(qos2_receive::after_ack, qos2_receive::store_first));

} // namespace
} // namespace weir::mqtt
