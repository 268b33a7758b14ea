#include "client/mailbox.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace weir::mqtt {
namespace {

calls::publish publish_of(std::size_t size, bool with_completion = false) {
    calls::publish call{.message = {.payload = bytes::copy(std::string(size, 'x'))}};
    if (with_completion) call.done = [](const publish_done&) {};
    return call;
}

TEST(mailbox, wakes_once_for_all_that_gathers) {
    mailbox box{10, 1'000};
    EXPECT_TRUE(box.add(calls::pause{}));
    EXPECT_FALSE(box.add(calls::resume{}));
    EXPECT_FALSE(box.add_demand(1));
    mailbox::content out;
    box.take(out);
    EXPECT_EQ(out.commands.size(), 2u);
    EXPECT_TRUE(box.add_demand(1));
}

TEST(mailbox, keeps_the_order_of_calls) {
    mailbox box{10, 1'000};
    (void)box.add(calls::start{});
    (void)box.add_publish(publish_of(1));
    (void)box.add(calls::stop{});
    mailbox::content out;
    box.take(out);
    ASSERT_EQ(out.commands.size(), 3u);
    EXPECT_TRUE(std::holds_alternative<calls::start>(out.commands[0]));
    EXPECT_TRUE(std::holds_alternative<calls::publish>(out.commands[1]));
    EXPECT_TRUE(std::holds_alternative<calls::stop>(out.commands[2]));
}

TEST(mailbox, nothing_to_say_wakes_nobody) {
    mailbox box{10, 1'000};
    EXPECT_FALSE(box.add_acks({}));
    EXPECT_FALSE(box.add_demand(0));
}

TEST(mailbox, sums_demand_without_overflow) {
    mailbox box{10, 1'000};
    (void)box.add_demand(std::numeric_limits<std::size_t>::max());
    (void)box.add_demand(5);
    mailbox::content out;
    box.take(out);
    EXPECT_EQ(out.demand, std::numeric_limits<std::size_t>::max());
}

TEST(mailbox, refuses_publishes_beyond_the_number_of_messages) {
    mailbox box{2, 1'000};
    (void)box.add_publish(publish_of(1));
    (void)box.add_publish(publish_of(1));
    (void)box.add_publish(publish_of(1, true));
    (void)box.add_publish(publish_of(1)); // nobody waits for its outcome
    mailbox::content out;
    box.take(out);
    ASSERT_EQ(out.commands.size(), 3u);
    const auto& refused = std::get<calls::publish>(out.commands[2]);
    EXPECT_TRUE(refused.refused);
    EXPECT_TRUE(refused.message.payload.empty()) << "a refused message must not be kept";
    EXPECT_TRUE(box.add_publish(publish_of(1)));
    box.take(out);
    EXPECT_FALSE(std::get<calls::publish>(out.commands[0]).refused) << "taking makes room";
}

TEST(mailbox, refuses_publishes_beyond_the_number_of_bytes) {
    mailbox box{10, 100};
    (void)box.add_publish(publish_of(60));
    (void)box.add_publish(publish_of(60, true));
    (void)box.add_publish(publish_of(40));
    mailbox::content out;
    box.take(out);
    ASSERT_EQ(out.commands.size(), 3u);
    EXPECT_TRUE(std::get<calls::publish>(out.commands[1]).refused);
    EXPECT_FALSE(std::get<calls::publish>(out.commands[2]).refused);
}

TEST(mailbox, loses_nothing_between_threads) {
    constexpr std::size_t each = 2'000;
    mailbox box{100'000, 1'000'000};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&box] {
            for (std::size_t i = 0; i < each; ++i) {
                (void)box.add_publish(publish_of(1));
                (void)box.add_acks(std::vector<ack_outcome>(2));
                (void)box.add_demand(3);
            }
        });
    std::size_t publishes = 0, acks = 0, demand = 0;
    mailbox::content out;
    while (publishes < 4 * each || acks < 8 * each || demand < 12 * each) {
        box.take(out);
        publishes += out.commands.size();
        acks += out.acks.size();
        demand += out.demand;
    }
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(publishes, 4 * each);
    EXPECT_EQ(acks, 8 * each);
    EXPECT_EQ(demand, 12 * each);
}

TEST(mailbox, holds_so_many_calls_of_a_kind) {
    mailbox box{10, 1'000, false, 3};
    int ended = 0;
    for (std::size_t i = 0; i < mailbox::most_calls + 5; ++i) {
        (void)box.add(calls::subscribe{.list = {{"a"}}, .done = [&](const subscribe_done&) { ++ended; }});
        (void)box.add(calls::send_ack{.packet = {}});
        (void)box.add(calls::pause{}); // nothing to be kept
    }
    for (int i = 0; i < 5; ++i)
        (void)box.add(calls::request{.done = [](const request_done&) {}});
    mailbox::content out;
    box.take(out);
    std::size_t kept = 0;
    std::size_t refused = 0;
    std::size_t acks = 0;
    std::size_t requests_refused = 0;
    for (const auto& call : out.commands) {
        if (const auto* s = std::get_if<calls::subscribe>(&call)) {
            ++(s->refused ? refused : kept);
            EXPECT_TRUE(s->done);
            EXPECT_EQ(s->list.empty(), s->refused);
        }
        if (const auto* r = std::get_if<calls::request>(&call)) requests_refused += r->refused;
        acks += std::holds_alternative<calls::send_ack>(call);
    }
    EXPECT_EQ(kept, mailbox::most_calls);
    EXPECT_EQ(refused, 5u);
    EXPECT_EQ(requests_refused, 2u);
    EXPECT_EQ(acks, mailbox::most_calls) << "nobody waits for the others' outcome";
    EXPECT_EQ(out.refused_calls, 5u + 5u + 2u);
    (void)box.add(calls::subscribe{});
    box.take(out);
    EXPECT_FALSE(std::get<calls::subscribe>(out.commands.at(0)).refused) << "there is room again";
    EXPECT_EQ(out.refused_calls, 0u);
}

} // namespace
} // namespace weir::mqtt
