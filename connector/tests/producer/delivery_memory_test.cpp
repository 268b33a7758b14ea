// What becomes of received messages when memory runs out while they are made ready for the pipeline. A
// program of its own, since it replaces operator new.
#include "delivery.hpp"
#include "fake_intake.hpp"
#include "support/failing_new.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace weir::connector {
namespace {

using testing::fail_allocation;

class nobody final : public mqtt::client_observer {};

/// One producer's delivery, without a connection.
struct bench {
    static producer_context about() {
        options o;
        o.producer.topics = {{"a", mqtt::qos::at_least_once}};
        o.producer.config.clientid = "tester";
        o.producer.idempotency_key = {.user_property = "id", .entries = 10};
        return {
            .pipeline = "p",
            .index = 0,
            .client_id = "tester_0",
            .options = effective(o).producer,
            .bus = std::make_shared<telemetry>(),
            .time = real_time()};
    }

    explicit bench(mqtt::io_lane& lane)
        : client(lane, client_options(context.options, 0), observer)
        , keeper(context, lane, client, 100) {
        tried.open(intake);
        static_cast<void>(tried.forward(demand));
    }

    ~bench() {
        for (const auto& e : intake.seen().entries)
            record_pool::release(record_of(e.token));
        pool->retire();
    }

    static constexpr std::size_t demand = 10;

    producer_context context{about()};
    nobody observer{};
    mqtt::client client;
    copies shared{client};
    record_pool* pool{record_pool::create(std::make_shared<record_origin>())};
    window_keeper keeper;
    delivery tried{context, *pool, keeper, shared};
    fake_intake intake{};
};

mqtt::message_received message(std::uint16_t id, mqtt::qos level) {
    mqtt::message_received m{};
    m.received = {
        .topic = bytes::copy("a"), .payload = bytes::copy(std::to_string(id)), .qos = level, .packet_id = id};
    m.received.props.add_user_property(
        "id", "a key that does not fit into the string itself " + std::to_string(id));
    m.token = {.delivery = id, .packet_id = id, .level = level};
    return m;
}

std::vector<mqtt::message_received> five() {
    using enum mqtt::qos;
    std::vector<mqtt::message_received> list;
    list.push_back(message(1, at_least_once));
    list.push_back(message(2, exactly_once));
    list.push_back(message(0, at_most_once));
    list.push_back(message(4, at_least_once));
    list.push_back(message(5, at_least_once));
    return list;
}

/// Who is responsible for each message, by its delivery; 0 is the one of QoS 0.
struct owners {
    std::multiset<std::uint64_t> messages;

    void add(const delivery::taken_back& back) {
        for (const auto& s : back.settlements) {
            messages.insert(record_of(s.token).token.delivery);
            record_pool::release(record_of(s.token));
        }
        for (const auto& a : back.acks) {
            EXPECT_EQ(a.verdict, mqtt::ack_outcome::decision::let_go) << "nobody has looked at it";
            messages.insert(a.token.delivery);
        }
        for (std::size_t i = 0; i < back.lost.size(); ++i)
            messages.insert(0);
    }

    void add_emitted(fake_intake& by) {
        for (const auto& e : by.seen().entries)
            messages.insert(record_of(e.token).token.delivery);
    }
};

/// The n-th allocation fails, for every n there is.
TEST(delivery_memory, whatever_fails_every_message_has_one_owner_and_no_demand_is_lost) {
    mqtt::io_lane lane{"test-io"};
    std::size_t failures = 0;
    for (bool failed = true; failed; ++failures) {
        bench b{lane};
        auto messages = five();
        failed = false;
        fail_allocation(failures + 1);
        try {
            static_cast<void>(b.tried.first_time(messages));
            fail_allocation(0);
        } catch (const std::bad_alloc&) {
            fail_allocation(0);
            failed = true;
        }
        owners found;
        const auto back = failed ? b.tried.take_back() : delivery::taken_back{};
        found.add(back);
        found.add_emitted(b.intake);
        EXPECT_THAT(found.messages, ::testing::ElementsAre(0u, 1u, 2u, 4u, 5u)) << failures;
        if (!failed) break;
        EXPECT_EQ(back.demand, messages.size() - b.intake.messages()) << failures;
    }
    EXPECT_GT(failures, 10u);
}

} // namespace
} // namespace weir::connector
