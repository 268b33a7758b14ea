#include "record_pool.hpp"
#include "unfinished.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace weir::connector {
namespace {

class unfinished_test : public ::testing::Test {
  protected:
    ~unfinished_test() override { pool->retire(); }

    inbound_record& arrive() {
        auto& record = pool->take(1);
        record.message_no = ++last;
        list.add(record);
        return record;
    }

    static void end(inbound_record& record) {
        record.ended = true;
        record_pool::release(record);
    }

    [[nodiscard]] std::uint64_t oldest() {
        const auto found = list.oldest();
        return found.record() == nullptr ? 0 : found.record()->message_no;
    }

    record_pool* pool{record_pool::create(std::make_shared<record_origin>())};
    unfinished list;
    std::uint64_t last{0};
};

TEST_F(unfinished_test, finds_the_oldest_whatever_ends_first) {
    auto& first = arrive();
    auto& second = arrive();
    auto& third = arrive();
    end(second);
    EXPECT_EQ(oldest(), 1u);
    end(first);
    EXPECT_EQ(oldest(), 3u);
    end(third);
    EXPECT_EQ(oldest(), 0u);
}

TEST_F(unfinished_test, a_record_used_again_is_another_message) {
    end(arrive());
    auto& again = arrive(); // the same record
    EXPECT_EQ(oldest(), 2u);
    end(again);
    EXPECT_EQ(oldest(), 0u);
}

TEST_F(unfinished_test, one_that_lasts_does_not_keep_those_behind_it) {
    auto& stuck = arrive();
    for (int i = 0; i < 100'000; ++i)
        end(arrive());
    EXPECT_LT(list.size(), 3'000u);
    EXPECT_EQ(oldest(), 1u);
    end(stuck);
}

} // namespace
} // namespace weir::connector
