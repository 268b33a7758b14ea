// The same work again and again, and each time another call of the network or of the store fails: every one
// of them, once before it has done anything and once after it has done all.
#include "client_fixture.hpp"
#include "fronts/tls_front.hpp"
#include "fronts/websocket_front.hpp"
#include "support/eventually.hpp"
#include "support/faulty_stream.hpp"
#include "unit/store_driver.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

namespace weir::mqtt {
namespace {

using moment = fault_plan::moment;

constexpr int messages = 6; // in each direction, of QoS 0, 1, 2, 0, 1, 2

qos level_of(int n) {
    return static_cast<qos>(n % 3);
}

std::string name_of(int n) {
    return "m" + std::to_string(n);
}

/// What a store that is lost with nothing keeps, for all stores of a run.
struct shared_disk {
    std::mutex mutex;
    test::virtual_disk disk;

    [[nodiscard]] std::size_t unfinished() {
        using kind = stored_record::kind;
        const std::lock_guard lock{mutex};
        return disk.count(kind::message) + disk.count(kind::flight) + disk.count(kind::received_id) +
               disk.count(kind::received);
    }
};

/// A store of which one call fails as planned, by value or by exception.
class faulty_store final : public session_store {
  public:
    faulty_store(std::shared_ptr<shared_disk> disk, std::shared_ptr<fault_plan> plan, bool throws)
        : disk_(std::move(disk))
        , plan_(std::move(plan))
        , throws_(throws) {}

    result<store_content> open() override {
        if (plan_->fails()) return fail();
        const std::lock_guard lock{disk_->mutex};
        return disk_->disk.content();
    }

    result<store_usage> write(std::span<const store_change> changes) override {
        const bool fails = plan_->fails();
        if (fails && plan_->when() == moment::before) return fail();
        const std::lock_guard lock{disk_->mutex};
        disk_->disk.apply({changes.begin(), changes.end()});
        if (fails) return fail();
        return store_usage{disk_->disk.bytes(), disk_->disk.records.size()};
    }

    void close() noexcept override {}

  private:
    [[nodiscard]] error fail() const {
        if (throws_) throw std::runtime_error{"as planned"};
        return {errc::store_full, "as planned"};
    }

    std::shared_ptr<shared_disk> disk_;
    std::shared_ptr<fault_plan> plan_;
    bool throws_;
};

/// What is above the stream that fails.
enum class way : std::uint8_t { tcp, tls, websocket, secure_websocket };

/// The servers of a way to a broker.
class entrance {
  public:
    entrance(way w, std::uint16_t broker)
        : port_(broker) {
        if (w == way::websocket || w == way::secure_websocket) port_ = websocket_.emplace(port_).port();
        if (w == way::tls || w == way::secure_websocket)
            port_ = tls_.emplace(port_, fronts::tls_front::settings{.own = certificate()}).port();
    }

    void lead(client_options& o) const {
        o.host = "127.0.0.1";
        o.port = port_;
        o.websocket = websocket_.has_value();
        o.ssl = tls_.has_value();
        if (o.ssl) o.ssl_opts.ca_data = authority().certificate();
    }

  private:
    /// Keys take long to make.
    static const weir::testing::certificate_authority& authority() {
        static const weir::testing::certificate_authority one;
        return one;
    }

    static const weir::testing::credentials& certificate() {
        static const auto one = authority().issue({.names = {"IP:127.0.0.1"}});
        return one;
    }

    std::uint16_t port_;
    std::optional<fronts::websocket_front> websocket_;
    std::optional<fronts::tls_front> tls_;
};

/// One run: a client that subscribes, publishes, receives, acknowledges what it has processed, and stops.
class run {
  public:
    explicit run(client_options o, way w = way::tcp)
        : entrance_(w, broker_.port()) {
        broker_.on_publish([this](const publish& p) {
            const std::lock_guard lock{mutex_};
            ++arrived_[std::string{p.payload.text()}];
        });
        observer_.handler = [this](std::span<message_received> list) { process(list); };
        entrance_.lead(o);
        o.clientid = "twin";
        o.clean_start = false;
        o.session_expiry = 3600;
        o.auto_ack = false;
        o.backoff_min = o.backoff_max = 1ms;
        client_ = std::make_unique<client>(lane_, std::move(o), observer_);
        client_->demand(endless);
    }

    /// All messages at once, or each when the one before has arrived: then there are more calls to fail.
    void work(bool one_by_one) {
        start();
        subscribe();
        for (int n = 0; n < messages; ++n) {
            push(n);
            client_->publish(message("out", name_of(n), level_of(n)), [this, n](const publish_done& d) {
                const std::lock_guard lock{mutex_};
                outcomes_[n].push_back(d.failed);
                changed_.notify_all();
            });
            if (one_by_one) {
                ASSERT_TRUE(is_done(n)) << name_of(n);
            }
        }
    }

    /// `may_fail`: what a publish may come to besides success; `settled`: nothing is under way any more.
    void check(
        std::set<errc> may_fail, const std::function<bool()>& settled = [] { return true; }) {
        ASSERT_TRUE(all_have_outcomes()) << "an outcome is missing";
        EXPECT_TRUE(broker_.wait_for([](const auto& s) { return s.waiting == 0; }))
            << "the server waits for an acknowledgement";
        EXPECT_TRUE(weir::testing::eventually(settled)) << "something is left over";
        client_->stop();
        const std::lock_guard lock{mutex_};
        for (const auto& [n, list] : outcomes_)
            check_publish(n, list, may_fail);
        for (int n = 0; n < messages; ++n) {
            if (level_of(n) == qos::at_most_once) continue;
            EXPECT_GE(processed_[name_of(n)], 1) << name_of(n) << " was acknowledged and never processed";
        }
        for (int n = 2; n < messages; n += 3)
            EXPECT_EQ(processed_[name_of(n)], 1) << name_of(n) << " came more than once";
        check_order();
    }

  private:
    /// Again when the store could not be opened.
    void start() {
        client_->start();
        ASSERT_TRUE(
            observer_.wait_for([](const auto& r) { return r.ready != 0 || !r.given_up.empty(); }, 30s));
        if (observer_.seen().ready != 0) return;
        client_->start();
        ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready != 0; }, 30s));
    }

    void subscribe() {
        counter done;
        client_->subscribe({{.filter = "in", .qos = qos::exactly_once}}, [&](const subscribe_done& d) {
            EXPECT_FALSE(d.failed) << d.failed.message();
            ++done;
        });
        ASSERT_TRUE(done.wait_for(1));
    }

    bool is_done(int n) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 30s, [this, n] {
            return outcomes_.contains(n) &&
                   (level_of(n) == qos::at_most_once || processed_.contains(name_of(n)));
        });
    }

    bool all_have_outcomes() {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 30s, [this] { return outcomes_.size() == messages; });
    }

    /// The server sends it now, or when the client has come again.
    void push(int n) {
        try {
            EXPECT_TRUE(broker_.push(publish_packet("in", name_of(n), level_of(n))));
        } catch (const testing::script_failure&) { // its connection is gone
        }
    }

    void process(std::span<message_received> list) {
        std::vector<ack_outcome> acks;
        const std::lock_guard lock{mutex_};
        for (const auto& m : list) {
            ++processed_[std::string{m.received.payload.text()}];
            acks.push_back({.token = m.token});
        }
        client_->acknowledge(acks);
        changed_.notify_all();
    }

    void check_publish(int n, const std::vector<error>& list, const std::set<errc>& may_fail) {
        ASSERT_EQ(list.size(), 1u) << "one outcome each";
        const int arrived = arrived_[name_of(n)];
        if (list[0] && level_of(n) == qos::at_most_once) {
            EXPECT_TRUE(list[0].code == errc::disconnected) << list[0].message();
        } else if (list[0]) {
            EXPECT_TRUE(may_fail.contains(static_cast<errc>(list[0].code.value()))) << list[0].message();
        } else if (level_of(n) != qos::at_most_once) {
            EXPECT_GE(arrived, 1) << name_of(n) << " was lost";
        }
        if (level_of(n) == qos::exactly_once) {
            EXPECT_LE(arrived, 1) << name_of(n) << " was sent anew";
        }
    }

    void check_order() {
        std::string ups;
        for (const char c : observer_.seen().order)
            if (c == 'U' || c == 'D') ups += c;
        for (std::size_t i = 0; i < ups.size(); ++i)
            EXPECT_EQ(ups[i], i % 2 == 0 ? 'U' : 'D') << ups;
    }

    accepting_broker broker_;
    entrance entrance_;
    io_lane lane_{"test-io"};
    recording_observer observer_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int, std::vector<error>> outcomes_;
    std::map<std::string, int> processed_;
    std::map<std::string, int> arrived_;
    std::unique_ptr<client> client_;
};

class fault_twins : public ::testing::TestWithParam<std::tuple<moment, way>> {};

TEST_P(fault_twins, any_call_of_the_network_may_fail) {
    const auto [when, over] = GetParam();
    bool reached = true;
    for (std::size_t at = 1; reached && !HasFailure(); ++at) {
        SCOPED_TRACE("call " + std::to_string(at));
        const auto plan = std::make_shared<fault_plan>(at, when);
        client_options o;
        o.byte_stream = [plan](io_lane& lane) { return std::make_unique<faulty_stream>(lane, plan); };
        run one{o, over};
        one.work(true);
        one.check({});
        reached = plan->reached();
    }
}

class store_twins : public ::testing::TestWithParam<std::tuple<moment, bool>> {};

TEST_P(store_twins, any_call_of_the_store_may_fail) {
    const auto [when, throws] = GetParam();
    bool reached = true;
    for (std::size_t at = 1; reached && !HasFailure(); ++at) {
        SCOPED_TRACE("call " + std::to_string(at));
        const auto plan = std::make_shared<fault_plan>(at, when);
        const auto disk = std::make_shared<shared_disk>();
        client_options o;
        o.store_from = [plan, disk, throws = throws] {
            return std::make_unique<faulty_store>(disk, plan, throws);
        };
        run one{o};
        one.work(false);
        one.check({throws ? errc::io_error : errc::store_full}, [&] { return disk->unfinished() == 0; });
        reached = plan->reached();
    }
}

std::string twin_name(const ::testing::TestParamInfo<std::tuple<moment, way>>& tested) {
    static const std::map<way, std::string> names{
        {way::tcp, "tcp"},
        {way::tls, "tls"},
        {way::websocket, "websocket"},
        {way::secure_websocket, "secure_websocket"}};
    const auto& [when, over] = tested.param;
    return (when == moment::before ? "before_over_" : "after_over_") + names.at(over);
}

INSTANTIATE_TEST_SUITE_P(
    moments, fault_twins,
    ::testing::Combine(
        ::testing::Values(moment::before, moment::after),
        ::testing::Values(way::tcp, way::tls, way::websocket, way::secure_websocket)),
    twin_name);

INSTANTIATE_TEST_SUITE_P(
    moments, store_twins,
    ::testing::Combine(::testing::Values(moment::before, moment::after), ::testing::Bool()),
    [](const auto& tested) {
        const bool before = std::get<moment>(tested.param) == moment::before;
        return std::string{before ? "before" : "after"} +
               (std::get<bool>(tested.param) ? "_by_exception" : "");
    });

// What the application makes for the client may fail like anything else.
TEST(faults_of_the_application, a_byte_stream_that_cannot_be_made_is_a_failed_attempt) {
    accepting_broker broker;
    recording_observer observer;
    io_lane lane{"test-io"};
    int made = 0;
    auto o = quick_options(broker.port());
    o.byte_stream = [&](io_lane& l) -> std::unique_ptr<transport> {
        switch (++made) {
        case 1: throw std::runtime_error{"no line"};
        case 2: throw 2; // NOLINT: anything can be thrown
        case 3: return nullptr;
        default: return make_tcp_transport(l, {});
        }
    };
    client c{lane, o, observer};
    c.start();
    ASSERT_TRUE(observer.wait_for([](const auto& r) { return r.ready == 1; }));
    const auto seen = observer.seen();
    EXPECT_EQ(seen.order, "FFFUR");
    for (const auto& f : seen.failures)
        EXPECT_EQ(f.reason.code, errc::io_error);
    EXPECT_NE(seen.failures.at(0).reason.message().find("no line"), std::string::npos);
    c.stop();
}

} // namespace
} // namespace weir::mqtt
