#include "states_fixture.hpp"

#include <weir/mqtt/random_client_id.hpp>

#include <map>
#include <set>
#include <thread>

namespace weir::mqtt {
namespace {

using statuses = std::vector<client_status>;

bool becomes(const client& c, client_status wanted) {
    const auto until = clock::now() + 30s;
    while (c.status() != wanted && clock::now() < until)
        std::this_thread::sleep_for(1ms);
    return c.status() == wanted;
}

class client_statuses : public client_test {};

TEST(client_status_of, every_state) {
    const std::map<client_state, client_status> all{
        {client_state::idle, client_status::initialized},
        {client_state::loading, client_status::loading},
        {client_state::connecting, client_status::waiting_for_connack},
        {client_state::authenticating, client_status::authenticating},
        {client_state::connected, client_status::connected},
        {client_state::draining, client_status::draining},
        {client_state::waiting, client_status::reconnect},
        {client_state::stopping, client_status::draining},
        {client_state::gave_up, client_status::initialized},
        {client_state::stopped, client_status::stopped}};
    for (const auto& [state, status] : all) {
        client_in_state tested{state};
        EXPECT_TRUE(becomes(*tested, status)) << to_string(status) << ", is " << to_string(tested->status());
    }
}

TEST_F(client_statuses, are_right_inside_the_calls_of_the_observer) {
    struct asking final : client_observer {
        void on_connected(const connected&, const std::string&, duration) override { note(); }

        void on_attempt_failed(const connection_down&) override { note(); }

        void on_down(const connection_down&) override { note(); }

        void on_gave_up(const error&) override {
            note();
            ++over;
        }

        void note() { seen.push_back(asked->status()); }

        client* asked{nullptr};
        statuses seen;
        counter over;
    } observer;

    test_broker broker{
        {conversation{}.expect_a<connect>("CONNECT").close(), conversation{}.accept().close()}};
    auto o = quick_options(broker.port());
    o.reconnect = 1;
    client c{lane_, o, observer};
    observer.asked = &c;
    c.start();
    ASSERT_TRUE(observer.over.wait_for(1));
    EXPECT_EQ(broker.finish(), "");
    const statuses wanted{
        client_status::reconnect, client_status::connected, client_status::initialized,
        client_status::initialized};
    EXPECT_EQ(observer.seen, wanted);
}

TEST_F(client_statuses, tell_of_a_drain) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    c.drain(false);
    EXPECT_TRUE(becomes(c, client_status::draining));
}

TEST_F(client_statuses, tell_of_an_answer_of_the_application_that_is_waited_for) {
    std::promise<void> go_on;
    accepting_broker broker;
    auto o = quick_options(broker.port());
    o.credentials_callback = [wait = go_on.get_future().share()] {
        wait.wait();
        return credentials{};
    };
    auto& c = start(o);
    EXPECT_TRUE(becomes(c, client_status::authenticating));
    go_on.set_value();
    EXPECT_TRUE(becomes(c, client_status::connected));
}

TEST_F(client_statuses, have_names) {
    EXPECT_EQ(to_string(client_status::waiting_for_connack), "waiting_for_connack");
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(client_status::stopped); ++i)
        names.insert(to_string(static_cast<client_status>(i)));
    EXPECT_EQ(names.size(), 13u);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST_F(client_statuses, warn_of_aliases_that_alias_bytes_has_no_room_for) {
    accepting_broker broker;
    auto o = quick_options(broker.port());
    o.topic_alias_maximum = 10;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    EXPECT_EQ(
        observer_.seen().warnings,
        std::vector<std::string>{"topic_alias_maximum is 10, of which alias_bytes has room for 4"});
}

TEST(random_client_id, is_a_prefix_and_characters_every_server_takes) {
    const auto one = random_client_id();
    EXPECT_EQ(one.size(), 21u);
    EXPECT_TRUE(one.starts_with("weir-"));
    EXPECT_EQ(one.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz", 5), std::string::npos);
    EXPECT_NE(one, random_client_id());
    EXPECT_EQ(random_client_id("p_", 3).size(), 5u);
}

} // namespace
} // namespace weir::mqtt
