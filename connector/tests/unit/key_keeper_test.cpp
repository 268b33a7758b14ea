#include "key_keeper.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <gmock/gmock.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What is on the disk, how often it was written, and what the next writes come to.
class disk {
  public:
    result<mqtt::store_content> read() const {
        const std::lock_guard lock(mutex_);
        if (unreadable_) return error{mqtt::errc::store_corrupt, "damaged"};
        mqtt::store_content found;
        for (const auto& [number, record] : records_)
            found.records.push_back(record);
        return found;
    }

    result<mqtt::store_usage> write(std::span<const mqtt::store_change> changes) {
        std::unique_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        if (failures_ > 0) {
            --failures_;
            return error{reason_, "no room"};
        }
        for (const auto& c : changes)
            if (c.erase)
                records_.erase(c.record.key);
            else
                records_[c.record.key] = c.record;
        ++writes_;
        return mqtt::store_usage{};
    }

    void fail(int times, mqtt::errc reason) {
        const std::lock_guard lock(mutex_);
        failures_ = times;
        reason_ = reason;
    }

    void damage() { unreadable_ = true; }

    void hold() {
        const std::lock_guard lock(mutex_);
        held_ = true;
    }

    [[nodiscard]] bool wait_until_held() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [this] { return begun_ > writes_; });
    }

    void let_go() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }

    [[nodiscard]] int writes() const {
        const std::lock_guard lock(mutex_);
        return writes_;
    }

    [[nodiscard]] std::vector<std::string> keys() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> list;
        for (const auto& [number, record] : records_)
            list.emplace_back(record.head.text());
        return list;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, mqtt::stored_record> records_;
    int begun_{0};
    int writes_{0};
    int failures_{0};
    mqtt::errc reason_{};
    bool held_{false};
    bool unreadable_{false};
};

class store_on final : public mqtt::session_store {
  public:
    explicit store_on(std::shared_ptr<disk> d)
        : disk_(std::move(d)) {}

    result<mqtt::store_content> open() override { return disk_->read(); }

    result<mqtt::store_usage> write(std::span<const mqtt::store_change> changes) override {
        return disk_->write(changes);
    }

    void close() noexcept override {}

  private:
    std::shared_ptr<disk> disk_;
};

class key_keeper_test : public ::testing::Test {
  protected:
    ~key_keeper_test() override { disk_->let_go(); }

    void begin() {
        keeper_.emplace(context_, std::make_unique<store_on>(disk_), [this](auto acks) {
            const std::lock_guard lock(mutex_);
            for (const auto& a : acks)
                acknowledged_.push_back(a.token.packet_id);
        });
    }

    /// What an earlier process has kept, as "key age".
    std::vector<std::string> open() {
        std::vector<std::string> found;
        keeper_->open([&](const result<std::vector<kept_key>>& keys) {
            if (!keys) return found.emplace_back(keys.error().message()), void();
            for (const auto& k : *keys)
                found.push_back(k.key + ' ' + std::to_string(k.age / 1s));
        });
        settle();
        return found;
    }

    void begin_again() {
        keeper_.reset();
        begin();
    }

    void keep(std::vector<std::string> keys, std::vector<std::uint16_t> ids = {}) {
        std::vector<done_key> done;
        for (auto& k : keys)
            done.push_back({std::move(k), time_.system_now()});
        std::vector<mqtt::ack_outcome> acks;
        for (const auto id : ids)
            acks.push_back({.token = {.packet_id = id}});
        keeper_->keep(std::move(done), acks);
    }

    void settle() { keeper_->settle(clock::now() + 10s); }

    [[nodiscard]] std::vector<int> acknowledged() const {
        const std::lock_guard lock(mutex_);
        return acknowledged_;
    }

    manual_time time_;
    producer_context context_{
        .pipeline = "p",
        .index = 0,
        .client_id = "c",
        .options = {.idempotency_key = {.user_property = "id", .entries = 4, .ttl = 60s}},
        .bus = nullptr,
        .time = time_};
    std::shared_ptr<disk> disk_ = std::make_shared<disk>();
    std::optional<key_keeper> keeper_;

  private:
    mutable std::mutex mutex_;
    std::vector<int> acknowledged_;
};

TEST_F(key_keeper_test, an_ack_leaves_when_its_key_is_in_the_store) {
    begin();
    EXPECT_THAT(open(), IsEmpty());
    disk_->hold();
    keep({"a", "b"}, {1, 2});
    ASSERT_TRUE(disk_->wait_until_held());
    keep({}, {3}); // of a copy
    EXPECT_THAT(acknowledged(), IsEmpty());
    disk_->let_go();
    settle();
    EXPECT_THAT(acknowledged(), ElementsAre(1, 2, 3));
    EXPECT_THAT(disk_->keys(), ElementsAre("a", "b"));
}

TEST_F(key_keeper_test, what_gathers_while_it_writes_is_one_write) {
    begin();
    disk_->hold();
    keep({"a"}, {1});
    ASSERT_TRUE(disk_->wait_until_held());
    keep({"b"}, {2});
    keep({"c"}, {3});
    disk_->let_go();
    settle();
    EXPECT_EQ(disk_->writes(), 2);
    EXPECT_THAT(disk_->keys(), ElementsAre("a", "b", "c"));
    EXPECT_THAT(acknowledged(), ElementsAre(1, 2, 3));
}

TEST_F(key_keeper_test, acks_alone_need_no_write) {
    begin();
    keep({}, {1});
    settle();
    EXPECT_EQ(disk_->writes(), 0);
    EXPECT_THAT(acknowledged(), ElementsAre(1));
}

TEST_F(key_keeper_test, a_write_that_fails_is_repeated_and_its_acks_wait) {
    begin();
    disk_->fail(2, mqtt::errc::io_error);
    keep({"a"}, {1});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("a"));
    EXPECT_THAT(acknowledged(), ElementsAre(1));
}

TEST_F(key_keeper_test, the_next_process_finds_them_with_their_age_and_goes_on) {
    begin();
    keep({"a", "b"});
    settle();
    time_.advance(20s);
    begin_again();
    EXPECT_THAT(open(), ElementsAre("a 20", "b 20"));
    keep({"c"});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("a", "b", "c")) << "none was written over";
}

TEST_F(key_keeper_test, the_oldest_make_room) {
    begin();
    keep({"a", "b", "c"});
    settle();
    keep({"d", "e"});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("b", "c", "d", "e"));
    keep({"1", "2", "3", "4", "5"});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("2", "3", "4", "5"));
}

TEST_F(key_keeper_test, they_are_forgotten_when_their_time_has_passed) {
    begin();
    keep({"a"});
    settle();
    time_.advance(40s);
    keep({"b"});
    settle();
    time_.advance(20s);
    begin_again();
    EXPECT_THAT(open(), ElementsAre("b 20"));
    keep({"c"});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("b", "c"));
}

TEST_F(key_keeper_test, the_older_half_makes_room_in_a_store_that_is_full) {
    begin();
    keep({"a", "b", "c"});
    settle();
    disk_->fail(1, mqtt::errc::store_full);
    keep({"d"}, {4});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("c", "d"));
    EXPECT_THAT(acknowledged(), ElementsAre(4));
    keep({"e", "f"});
    settle();
    EXPECT_THAT(disk_->keys(), ElementsAre("c", "d", "e", "f")) << "there is room again";
}

TEST_F(key_keeper_test, a_store_that_cannot_be_read_is_told) {
    disk_->damage();
    begin();
    EXPECT_THAT(open(), ElementsAre(::testing::HasSubstr("damaged")));
}

} // namespace
} // namespace weir::connector
