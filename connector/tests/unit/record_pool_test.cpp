#include "record_pool.hpp"

#include <weir/connector/inbound.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

namespace weir::connector {
namespace {

class record_pool_test : public ::testing::Test {
  protected:
    void TearDown() override {
        if (pool != nullptr) pool->retire();
    }

    std::shared_ptr<record_origin> origin{std::make_shared<record_origin>()};
    record_pool* pool{record_pool::create(origin)};
};

TEST_F(record_pool_test, uses_a_record_again_when_nobody_holds_it) {
    auto& first = pool->take(2);
    record_pool::release(first);
    auto& second = pool->take(1);
    EXPECT_NE(&second, &first) << "one reference is left";
    record_pool::release(first);
    EXPECT_EQ(&pool->take(1), &first);
    EXPECT_EQ(pool->size(), 2u);
    record_pool::release(first);
    record_pool::release(second);
}

TEST_F(record_pool_test, lets_go_of_the_message_at_once) {
    auto& record = pool->take(1);
    static std::atomic<bool> freed;
    freed = false;
    std::byte memory{};
    block owner;
    owner.release = [](block*) noexcept { freed = true; };
    record.received.payload = bytes(&owner, &memory, 1);
    record_pool::release(record);
    EXPECT_TRUE(freed);
}

TEST_F(record_pool_test, starts_every_message_with_its_first_attempt) {
    auto& record = pool->take(1);
    record.attempt = 5;
    record_pool::release(record);
    auto& again = pool->take(1);
    EXPECT_EQ(&again, &record);
    EXPECT_EQ(again.attempt, 1u);
    record_pool::release(again);
}

TEST_F(record_pool_test, handles_outlive_the_producer) {
    auto& record = pool->take(1);
    record.received.topic = bytes::copy("a/b");
    const inbound kept(&record);
    pool->retire();
    pool = nullptr;
    origin.reset();
    EXPECT_EQ(kept.topic(), "a/b");
    const auto copy = kept; // NOLINT: copying is what is tried
    EXPECT_EQ(copy.client_id(), "");
}

TEST_F(record_pool_test, any_thread_gives_back) {
    constexpr int rounds = 2'000;
    std::vector<std::jthread> workers;
    for (int w = 0; w < 4; ++w) {
        std::vector<inbound> share;
        for (int i = 0; i < rounds; ++i)
            share.emplace_back(&pool->take(1));
        workers.emplace_back([share = std::move(share)]() mutable { share.clear(); });
    }
    workers.clear();
    const auto made = pool->size();
    std::vector<inbound> all;
    for (std::size_t i = 0; i < made; ++i)
        all.emplace_back(&pool->take(1));
    EXPECT_EQ(pool->size(), made) << "all have come back";
}

TEST_F(record_pool_test, threads_may_race_with_the_end_of_the_producer) {
    for (int round = 0; round < 50; ++round) {
        auto* racing = record_pool::create(origin);
        std::vector<inbound> out;
        for (int i = 0; i < 20; ++i)
            out.emplace_back(&racing->take(1));
        std::jthread worker([out = std::move(out)]() mutable { out.clear(); });
        racing->retire();
    }
}

} // namespace
} // namespace weir::connector
