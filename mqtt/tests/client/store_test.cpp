#include "client_fixture.hpp"
#include "support/store_directory.hpp"

#include <weir/mqtt/store/session_store.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using test::store_directory;

class storing : public client_test {
  protected:
    client_options options(std::uint16_t port) {
        auto o = quick_options(port);
        o.clean_start = false;
        o.session_expiry = 3600;
        o.store = dir_.options();
        return o;
    }

    store_directory dir_;
};

TEST_F(storing, what_is_published_without_a_connection_is_sent_by_the_next_client) {
    counter stored;
    counter done;
    {
        start(options(1)); // where nobody listens
        for (const char* text : {"a", "b"})
            client_->publish(
                message("t", text, qos::at_least_once),
                [&](const publish_done& e) {
                    EXPECT_EQ(e.failed.code, errc::aborted);
                    ++done;
                },
                {}, [&] { ++stored; });
        ASSERT_TRUE(stored.wait_for(2));
        client_->stop();
        EXPECT_EQ(done, 2);
        client_.reset();
    }
    accepting_broker broker;
    std::mutex mutex;
    std::string arrived;
    broker.on_publish([&](const publish& p) {
        const std::lock_guard lock{mutex};
        arrived += p.payload.text();
    });
    start(options(broker.port()));
    ASSERT_TRUE(broker.wait_for([](const auto& s) { return s.publishes == 2; }));
    const std::lock_guard lock{mutex};
    EXPECT_EQ(arrived, "ab");
}

TEST_F(storing, a_store_that_is_in_use_ends_the_attempt_and_stop_lets_go_of_it) {
    accepting_broker broker;
    start(options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    recording_observer other;
    auto o = options(broker.port());
    client second{lane_, o, other};
    second.start();
    ASSERT_TRUE(other.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_EQ(other.seen().given_up[0].code, errc::store_locked);
    client_->stop();
    second.start();
    EXPECT_TRUE(other.wait_for([](const auto& r) { return r.ready == 1; }));
    second.stop();
}

TEST_F(storing, a_store_of_another_client_is_refused) {
    accepting_broker broker;
    start(options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_->stop();
    recording_observer other;
    auto o = options(broker.port());
    o.clientid = "somebody-else";
    client second{lane_, o, other};
    second.start();
    ASSERT_TRUE(other.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_EQ(other.seen().given_up[0].code, errc::store_mismatch);
    second.stop();
}

/// A store in memory that can be told to fail.
class moody_store final : public session_store {
  public:
    explicit moody_store(std::shared_ptr<std::atomic<bool>> failing)
        : failing_(std::move(failing)) {}

    result<store_content> open() override { return store_content{}; }

    result<store_usage> write(std::span<const store_change>) override {
        if (*failing_) return error{errc::store_full, "no room"};
        return store_usage{};
    }

    void close() noexcept override {}

  private:
    std::shared_ptr<std::atomic<bool>> failing_;
};

TEST_F(storing, goes_on_without_a_restart_when_the_store_works_again) {
    const auto failing = std::make_shared<std::atomic<bool>>(false);
    accepting_broker broker;
    auto o = options(broker.port());
    o.store.path.clear();
    o.store_from = [failing] { return std::make_unique<moody_store>(failing); };
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    counter subscribed;
    client_->subscribe({{.filter = "in", .qos = qos::exactly_once}}, [&](const auto&) { ++subscribed; });
    ASSERT_TRUE(subscribed.wait_for(1));
    *failing = true;
    counter refused;
    client_->publish(message("t", "x", qos::at_least_once), [&](const publish_done& e) {
        EXPECT_EQ(e.failed.code, errc::store_full);
        ++refused;
    });
    ASSERT_TRUE(refused.wait_for(1));
    broker.push(publish_packet("in", "y", qos::exactly_once));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    *failing = false;
    EXPECT_TRUE(broker.wait_for([](const auto& s) { return s.pubcomps == 1; }));
    counter sent;
    client_->publish(message("t", "z", qos::at_least_once), [&](const publish_done& e) {
        EXPECT_FALSE(e.failed) << e.failed.message();
        ++sent;
    });
    EXPECT_TRUE(sent.wait_for(1));
    std::vector<bool> troubles;
    for (const auto& e : observer_.seen().events)
        if (const auto* t = std::get_if<store_trouble>(&e)) troubles.push_back(static_cast<bool>(t->reason));
    EXPECT_EQ(troubles, (std::vector<bool>{true, false}));
    EXPECT_GT(client_->stats().store_failures, 0u);
}

TEST_F(storing, a_store_that_cannot_be_made_ends_the_attempt) {
    auto o = options(1);
    o.store_from = []() -> std::unique_ptr<session_store> { throw std::runtime_error{"no disk"}; };
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_EQ(observer_.seen().given_up[0].code, errc::io_error);
}

TEST_F(storing, a_client_may_go_at_any_moment) {
    accepting_broker broker;
    for (int n = 0; n < 10; ++n) {
        auto& c = start(options(broker.port()));
        for (int i = 0; i < n * 3; ++i)
            c.publish(message("t", "x", qos::exactly_once));
        if (n % 2 == 0) (void)observer_.wait_for([&](const auto& r) { return r.ready > 0; });
        client_.reset();
    }
}

} // namespace
} // namespace weir::mqtt
