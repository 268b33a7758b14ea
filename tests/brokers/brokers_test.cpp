#include "brokers/foreign_broker.hpp"
#include "support/consumer.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <tuple>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::protocol_version;
using ::testing::IsEmpty;
using enum mqtt::qos;

constexpr auto patience = 60s; ///< brokers that have just started, on a machine that is busy

using version_and_qos = std::tuple<protocol_version, weir::qos>;

/// From a publisher through a broker to a handler, with what both sides of the standard leave open.
template <broker_recipe (*Recipe)()>
class broker_test : public ::testing::TestWithParam<version_and_qos> {
  protected:
    static void SetUpTestSuite() {
        if (Recipe().is_installed()) broker_.emplace(Recipe());
    }

    static void TearDownTestSuite() { broker_.reset(); }

    void SetUp() override {
        if (!broker_) GTEST_SKIP() << Recipe().name << " is not installed (" << Recipe().package << ")";
    }

    [[nodiscard]] static protocol_version version() { return std::get<0>(GetParam()); }

    [[nodiscard]] static weir::qos level() { return std::get<1>(GetParam()); }

    /// One name for a session and its topic, so that tests do not meet in the broker.
    [[nodiscard]] static std::string own_name() {
        std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        for (char& c : name)
            if (c == '/') c = '_';
        return std::to_string(std::hash<std::string>{}(name) % 100'000'000);
    }

    [[nodiscard]] static std::string topic() { return "numbers/" + own_name(); }

    [[nodiscard]] static weir::options options() {
        auto o = consumer_options(broker_->port(), version(), level(), "c" + own_name());
        o.producer.topics = {{topic(), level()}};
        o.producer.config.qos0_buffer_messages = 10'000;
        if (const auto r = Recipe(); !r.username.empty()) {
            o.producer.config.username = r.username;
            o.producer.config.password = r.password;
        }
        return o;
    }

    [[nodiscard]] static publisher make_publisher() {
        const auto r = Recipe();
        if (r.username.empty()) return publisher(broker_->port(), version(), "p" + own_name());
        return {broker_->port(), version(), "p" + own_name(), {r.username, r.password}};
    }

    /// Every message is handled once and acknowledged.
    static void expect_delivery() {
        constexpr std::size_t count = 500;
        tally handled;
        auto running = weir::start(counting(handled), options());
        ASSERT_TRUE(running.wait_until_ready(patience)) << broker_->log();
        auto source = make_publisher();
        source.publish(topic(), 0, count, level());
        ASSERT_TRUE(source.wait());
        ASSERT_TRUE(eventually([&] { return handled.size() >= count; }, patience)) << handled.size();
        EXPECT_TRUE(running.stop().drained);
        EXPECT_EQ(handled.total(), count);
        EXPECT_EQ(running.stats().acked, level() == at_most_once ? 0 : count);
    }

    /// What fails is tried again, and what is published while nobody is there comes at the next start.
    static void expect_the_rest_after_a_restart() {
        constexpr std::size_t count = 100;
        tally handled;
        auto source = make_publisher();
        const auto fails_at_first = [&](weir::message<weir::bytes>& m) {
            if (number_in(m.data) % 10 == 0 && m.attempt() == 1) return m.fail("not yet");
            handled.add(number_in(m.data));
        };
        {
            auto running = weir::start(function_handler{fails_at_first}, options());
            ASSERT_TRUE(running.wait_until_ready(patience)) << broker_->log();
            source.publish(topic(), 0, count, level());
            ASSERT_TRUE(eventually([&] { return handled.size() >= count; }, patience)) << handled.size();
            EXPECT_TRUE(running.stop().drained);
        }
        source.publish(topic(), count, count, level());
        ASSERT_TRUE(source.wait());
        auto running = weir::start(function_handler{fails_at_first}, options());
        EXPECT_TRUE(eventually([&] { return handled.size() >= 2 * count; }, patience)) << handled.size();
        EXPECT_TRUE(running.stop().drained);
        EXPECT_THAT(handled.missing(0, 2 * count), IsEmpty());
        if (!Recipe().may_forget_acks) {
            EXPECT_EQ(handled.total(), 2 * count);
        }
    }

    /// As the guide lists them.
    static void expect_features() {
        const auto o = options().producer.config;
        const auto recipe = Recipe();
        auto known = version() == protocol_version::v5 ? recipe.features_5 : recipe.features;
        if (version() == protocol_version::v3) known.session_present = false; // 3.1 cannot say so
        EXPECT_EQ(probe(o, "f" + own_name()), known);
    }

    inline static std::optional<foreign_broker> broker_;
};

std::string case_name(const ::testing::TestParamInfo<version_and_qos>& one) {
    return std::string(to_string(std::get<0>(one.param))) + "_qos" +
           std::to_string(static_cast<int>(std::get<1>(one.param)));
}

using rabbitmq_broker = broker_test<&rabbitmq>;
using ejabberd_broker = broker_test<&ejabberd>;
using aedes_broker = broker_test<&aedes>;

TEST_P(rabbitmq_broker, delivers) {
    expect_delivery();
}

TEST_P(rabbitmq_broker, keeps_the_rest_for_the_next_start) {
    if (level() == at_most_once) GTEST_SKIP() << "QoS 0 is not kept";
    expect_the_rest_after_a_restart();
}

TEST_P(rabbitmq_broker, has_the_features_it_is_known_for) {
    if (level() == at_least_once) expect_features();
}

TEST_P(ejabberd_broker, has_the_features_it_is_known_for) {
    if (level() == at_least_once) expect_features();
}

TEST_P(aedes_broker, has_the_features_it_is_known_for) {
    if (level() == at_least_once) expect_features();
}

TEST_P(ejabberd_broker, delivers) {
    expect_delivery();
}

TEST_P(ejabberd_broker, keeps_the_rest_for_the_next_start) {
    if (level() == at_most_once) GTEST_SKIP() << "QoS 0 is not kept";
    expect_the_rest_after_a_restart();
}

TEST_P(aedes_broker, delivers) {
    expect_delivery();
}

TEST_P(aedes_broker, keeps_the_rest_for_the_next_start) {
    if (level() == at_most_once) GTEST_SKIP() << "QoS 0 is not kept";
    expect_the_rest_after_a_restart();
}

using ::testing::Combine;
using ::testing::Values;

// It speaks 3.x, and knows no QoS 2.
INSTANTIATE_TEST_SUITE_P(
    rabbitmq, rabbitmq_broker,
    Combine(Values(protocol_version::v3, protocol_version::v4), Values(at_most_once, at_least_once)),
    case_name);
INSTANTIATE_TEST_SUITE_P(
    ejabberd, ejabberd_broker,
    Combine(
        Values(protocol_version::v4, protocol_version::v5),
        Values(at_most_once, at_least_once, exactly_once)),
    case_name);
INSTANTIATE_TEST_SUITE_P(
    aedes, aedes_broker,
    Combine(
        Values(protocol_version::v3, protocol_version::v4),
        Values(at_most_once, at_least_once, exactly_once)),
    case_name);

} // namespace
} // namespace weir::testing
