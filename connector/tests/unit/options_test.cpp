#include "some_options.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<option_fault> with_filter(const std::string& filter) {
    return faults([&](options& o) { o.producer.topics = {{filter}}; });
}

std::vector<option_fault> with_group(const std::string& group) {
    return faults([&](options& o) { o.producer.shared_group = group; });
}

TEST(connector_options, good_ones_have_no_fault) {
    EXPECT_THAT(check(good(), able), IsEmpty());
    EXPECT_THAT(check(effective(good()), able), IsEmpty());
}

TEST(connector_options, effective_ones_are_good_on_every_version) {
    for (const auto version :
         {mqtt::protocol_version::v3, mqtt::protocol_version::v4, mqtt::protocol_version::v5}) {
        auto o = good();
        o.producer.config.proto_ver = version;
        EXPECT_THAT(check(effective(o), able), IsEmpty()) << to_string(version);
    }
}

TEST(connector_options, topics_are_required) {
    EXPECT_THAT(faults([](options& o) { o.producer.topics.clear(); }), fault_at("producer.topics"));
}

TEST(connector_options, every_filter_is_checked_and_named_by_its_index) {
    EXPECT_THAT(with_filter(""), fault_at("producer.topics[0].filter", "\"\""));
    EXPECT_THAT(with_filter("a/#/b"), fault_at("producer.topics[0].filter", "a/#/b"));
    EXPECT_THAT(with_filter("a+"), fault_at("producer.topics[0].filter"));
    EXPECT_THAT(with_filter("$share/g"), fault_at("producer.topics[0].filter"));
    EXPECT_THAT(with_filter("$share/g/a"), IsEmpty());
    EXPECT_THAT(with_filter("+/a/#"), IsEmpty());
}

TEST(connector_options, a_repeated_filter_names_both_places) {
    const auto found = faults([](options& o) { o.producer.topics = {{"a"}, {"b"}, {"a"}}; });
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].path, "producer.topics[2].filter");
    EXPECT_THAT(found[0].allowed, HasSubstr("producer.topics[0]"));
}

TEST(connector_options, qos_is_0_to_2) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.topics[0].qos = static_cast<mqtt::qos>(3); }),
        fault_at("producer.topics[0].qos", "3"));
}

TEST(connector_options, subscription_options_need_v5) {
    const auto v4_with = [](const std::function<void(topic&)>& change) {
        return faults([&](options& o) {
            o.producer.config.proto_ver = mqtt::protocol_version::v4;
            change(o.producer.topics[0]);
        });
    };
    EXPECT_THAT(v4_with([](topic&) {}), IsEmpty());
    EXPECT_THAT(v4_with([](topic& t) { t.no_local = true; }), fault_at("producer.topics[0].no_local"));
    EXPECT_THAT(
        v4_with([](topic& t) { t.retain_as_published = true; }),
        fault_at("producer.topics[0].retain_as_published"));
    EXPECT_THAT(
        v4_with([](topic& t) { t.retain_handling = mqtt::retain_handling::send; }),
        fault_at("producer.topics[0].retain_handling", "0"));
}

TEST(connector_options, a_group_needs_a_name_without_separators_and_wildcards) {
    for (const auto* bad : {"", "  ", "a/b", "a+", "a#", "a\nb", "\x7f"})
        EXPECT_THAT(with_group(bad), fault_at("producer.shared_group", bad)) << bad;
    EXPECT_THAT(with_group("consumers"), IsEmpty());
}

TEST(connector_options, a_group_takes_plain_filters_only_and_no_no_local) {
    const auto found = faults([](options& o) {
        o.producer.shared_group = "g";
        o.producer.topics = {{.filter = "$share/h/a"}, {.filter = "b", .no_local = true}};
    });
    EXPECT_THAT(found, fault_at("producer.topics[0].filter", "$share/h/a"));
    EXPECT_THAT(found, fault_at("producer.topics[1].no_local"));
}

TEST(connector_options, no_local_on_a_shared_filter_is_against_the_standard) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.topics = {{.filter = "$share/h/a", .no_local = true}}; }),
        fault_at("producer.topics[0].no_local"));
}

TEST(connector_options, several_connections_need_a_group) {
    const auto found = faults([](options& o) { o.producer.concurrency = 3; });
    EXPECT_THAT(found, fault_at("producer.concurrency", "3"));
    EXPECT_THAT(
        faults([](options& o) {
            o.producer.concurrency = 3;
            o.producer.shared_group = "g";
        }),
        IsEmpty());
    EXPECT_THAT(
        faults([](options& o) { o.producer.concurrency = 0; }), fault_at("producer.concurrency", "0"));
}

TEST(connector_options, exact_client_ids_are_for_one_connection) {
    EXPECT_THAT(faults([](options& o) { o.producer.append_index = false; }), IsEmpty());
    EXPECT_THAT(
        faults([](options& o) {
            o.producer.append_index = false;
            o.producer.concurrency = 2;
            o.producer.shared_group = "g";
        }),
        fault_at("producer.append_index", "false"));
}

TEST(connector_options, a_lasting_session_needs_a_client_id) {
    const auto found = faults([](options& o) { o.producer.config.clientid.clear(); });
    EXPECT_THAT(found, ElementsAre(Field(&option_fault::path, "producer.config.clientid")));
    EXPECT_THAT(
        faults([](options& o) {
            o.producer.config.clientid.clear();
            o.producer.config.clean_start = true;
        }),
        IsEmpty());
}

TEST(connector_options, a_lasting_session_must_not_expire_at_once) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.session_expiry = 0; }),
        fault_at("producer.config.session_expiry", "0"));
    EXPECT_THAT(faults([](options& o) { o.producer.config.session_expiry = 60; }), IsEmpty());
}

TEST(connector_options, the_window_has_one_name) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.max_inflight = 0; }), fault_at("producer.max_inflight", "0"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.max_inflight = 7; }),
        fault_at("producer.config.max_inflight", "7"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.receive_maximum = 7; }),
        fault_at("producer.config.receive_maximum", "7"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.props.set(mqtt::property_id::receive_maximum, 7u); }),
        fault_at("producer.config.props", "receive_maximum 7"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.receive_window = 7; }),
        fault_at("producer.config.receive_window", "7"));
}

TEST(connector_options, draining_ends_within_the_shutdown) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.drain_timeout = 31s; }),
        fault_at("producer.drain_timeout", "31000ms"));
}

TEST(connector_options, faults_of_the_layers_below_have_full_paths) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.keepalive = 65'536s; }),
        fault_at("producer.config.keepalive"));
    EXPECT_THAT(
        faults([](options& o) { o.batchers[0].batch_size = 0; }), fault_at("batchers[0].batch_size", "0"));
    EXPECT_THAT(faults([](options& o) { o.name.clear(); }), fault_at("name"));
    EXPECT_THAT(faults([](options& o) { o.retry.max_attempts = 0; }), fault_at("retry.max_attempts", "0"));
    EXPECT_THAT(
        faults([](options& o) { o.circuit_breaker.probes = 0; }), fault_at("circuit_breaker.probes", "0"));
    EXPECT_THAT(faults([](options& o) { o.batchers[0].splitter = true; }), fault_at("batchers[0].splitter"));
}

TEST(connector_options, batchers_need_a_handler_for_them) {
    EXPECT_THAT(check(good(), {}), fault_at("batchers"));
}

TEST(connector_options, all_faults_are_told_at_once_one_a_line) {
    const auto found = faults([](options& o) {
        o.producer.max_inflight = 0;
        o.producer.topics.clear();
        o.producer.config.keepalive = -1s;
        o.batchers[0].batch_timeout = 0ms;
    });
    EXPECT_GE(found.size(), 4u);
    EXPECT_THAT(describe(found), HasSubstr("producer.max_inflight: 0: 1..65535\n"));
}

TEST(connector_options, a_password_is_never_shown) {
    auto o = good();
    o.producer.config.password = "hunter2";
    o.producer.config.proto_ver = mqtt::protocol_version::v4; // there a password needs a user name
    o.producer.config.keepalive = -1s;
    EXPECT_THAT(describe(check(o, able)), ::testing::Not(HasSubstr("hunter2")));
}

TEST(effective_options, sessions_last_a_day_unless_told_otherwise) {
    const auto c = effective(good()).producer.config;
    EXPECT_EQ(c.clean_start, false);
    EXPECT_EQ(c.session_expiry, 86'400u);
    auto fresh = good();
    fresh.producer.config.clean_start = true;
    EXPECT_EQ(effective(fresh).producer.config.session_expiry, std::nullopt);
}

TEST(effective_options, the_client_leaves_acknowledging_to_the_pipeline) {
    auto o = good();
    o.producer.max_inflight = 7;
    auto c = effective(o).producer.config;
    EXPECT_FALSE(c.auto_ack);
    EXPECT_EQ(c.receive_maximum, 7);
    o.producer.config.proto_ver = mqtt::protocol_version::v4;
    c = effective(o).producer.config;
    EXPECT_EQ(c.receive_window, 7);
    EXPECT_EQ(c.session_expiry, std::nullopt) << "3.x knows none";
}

TEST(effective_options, retained_messages_come_once_per_lasting_session) {
    using mqtt::retain_handling;
    auto o = good();
    EXPECT_EQ(effective(o).producer.topics[0].retain_handling, retain_handling::send_if_new);
    o.producer.config.clean_start = true;
    EXPECT_EQ(effective(o).producer.topics[0].retain_handling, retain_handling::send);
    o.producer.topics[0].retain_handling = retain_handling::do_not_send;
    EXPECT_EQ(effective(o).producer.topics[0].retain_handling, retain_handling::do_not_send);
}

TEST(effective_options, closing_keeps_three_seconds_of_the_shutdown) {
    auto o = good();
    EXPECT_EQ(effective(o).producer.drain_timeout, 27s);
    o.shutdown = 4s;
    EXPECT_EQ(effective(o).producer.drain_timeout, 2s);
    o.producer.drain_timeout = 1s;
    EXPECT_EQ(effective(o).producer.drain_timeout, 1s);
}

TEST(effective_options, closing_the_connections_fits_into_a_short_shutdown) {
    auto o = good();
    EXPECT_EQ(effective(o).producer.config.close_timeout, 1s);
    o.producer.config.close_timeout = 1min;
    EXPECT_EQ(effective(o).producer.config.close_timeout, 1500ms);
    o.shutdown = 1s;
    EXPECT_EQ(effective(o).producer.config.close_timeout, 250ms);
    o.producer.drain_timeout = 1s;
    EXPECT_EQ(effective(o).producer.config.close_timeout, 100ms);
}

TEST(effective_options, a_random_client_id_is_drawn_once) {
    auto o = good();
    o.producer.config.clean_start = true;
    o.producer.config.clientid.clear();
    const auto first = effective(o);
    EXPECT_FALSE(first.producer.config.clientid.empty());
    EXPECT_EQ(effective(first).producer.config.clientid, first.producer.config.clientid);
    EXPECT_NE(effective(o).producer.config.clientid, first.producer.config.clientid);
}

TEST(effective_options, client_ids_carry_the_index) {
    auto p = good().producer;
    EXPECT_EQ(client_id(p, 0), "my-pipeline_0");
    EXPECT_EQ(client_options(p, 2).clientid, "my-pipeline_2");
    p.append_index = false;
    EXPECT_EQ(client_id(p, 0), "my-pipeline");
}

TEST(effective_options, a_group_shows_in_the_filters) {
    auto p = good().producer;
    EXPECT_EQ(subscriptions(p).at(0).filter, "sensors/temperature");
    p.shared_group = "g";
    EXPECT_EQ(subscriptions(p).at(0).filter, "$share/g/sensors/temperature");
    EXPECT_EQ(subscriptions(p).at(0).qos, mqtt::qos::at_least_once);
}

TEST(option_warnings, good_options_deserve_none) {
    EXPECT_THAT(warnings(good()), IsEmpty());
}

TEST(option_warnings, say_what_is_allowed_and_still_dangerous) {
    const auto warned = [](const std::function<void(options&)>& change) {
        auto o = good();
        change(o);
        return warnings(o);
    };
    EXPECT_THAT(
        warned([](options& o) { o.producer.config.clean_start = true; }),
        ElementsAre(HasSubstr("clean_start")));
    EXPECT_THAT(
        warned([](options& o) { o.producer.on_success = on_success::noop; }),
        ElementsAre(HasSubstr("100 messages")));
    EXPECT_THAT(
        warned([](options& o) {
            o.producer.config.proto_ver = mqtt::protocol_version::v4;
            o.producer.config.clientid = "a-client-id-of-23-bytes";
        }),
        ElementsAre(HasSubstr("25 bytes")));
    EXPECT_THAT(
        warned([](options& o) { o.producer.shared_group = "g"; }),
        ElementsAre(HasSubstr("no retained messages")));
    EXPECT_THAT(
        warned([](options& o) {
            o.producer.shared_group = "g";
            o.producer.config.proto_ver = mqtt::protocol_version::v4;
        }),
        Contains(HasSubstr("$share")));
    EXPECT_THAT(
        warned([](options& o) { o.dead_letter.settle_as = pipeline::dead_letter_options::settling::failed; }),
        ElementsAre(HasSubstr("dead_letter.settle_as")));
    const auto decides = [](options& o) {
        o.producer.failure_policy = [](const auto&, auto, auto) -> failure_decision {
            return on_failure::ack;
        };
    };
    EXPECT_THAT(warned(decides), ElementsAre(HasSubstr("failure_policy without dead_letter.topic")));
    EXPECT_THAT(
        warned([&](options& o) {
            decides(o);
            o.producer.dead_letter.topic = "dead";
        }),
        IsEmpty());
}

TEST(connector_options, acknowledging_by_hand_is_not_for_a_pipeline) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.raw_acks = true; }),
        fault_at("producer.config.raw_acks", "true"));
}

TEST(connector_options, receipts_need_a_store_and_a_version_that_tells_of_the_session) {
    const auto sink = [](options& o) { o.producer.qos2 = qos2_mode::sink; };
    EXPECT_THAT(faults(sink), fault_at("producer.receipts", "none"));
    EXPECT_THAT(
        faults([&](options& o) {
            sink(o);
            o.producer.config.proto_ver = mqtt::protocol_version::v3;
        }),
        fault_at("producer.qos2", "sink"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.config.confirm_release = true; }),
        fault_at("producer.config.confirm_release", "true"));
}

TEST(connector_options, what_is_to_be_durable_needs_a_store) {
    const auto durable = [](options& o) { o.producer.qos2 = qos2_mode::durable; };
    EXPECT_THAT(faults(durable), fault_at("producer.config.store.path", "\"\""));
    EXPECT_THAT(
        faults([&](options& o) {
            durable(o);
            o.producer.config.store.path = "sessions";
            o.producer.config.store.qos1 = true;
        }),
        IsEmpty());
}

TEST(connector_options, the_client_takes_over_into_its_store_only_by_way_of_qos2) {
    const auto with_store = [](const std::function<void(producer_options&)>& change) {
        return faults([&](options& o) {
            o.producer.config.store.path = "sessions";
            change(o.producer);
        });
    };
    EXPECT_THAT(
        with_store([](auto& p) { p.config.qos2_receive = mqtt::qos2_receive::store_first; }),
        fault_at("producer.config.qos2_receive", "store_first"));
    EXPECT_THAT(
        with_store([](auto& p) { p.config.store.qos1 = true; }),
        fault_at("producer.config.store.qos1", "true"));
    auto o = good();
    o.producer.config.store.path = "sessions";
    EXPECT_EQ(client_options(effective(o).producer, 0).qos2_receive, mqtt::qos2_receive::after_ack);
    o.producer.qos2 = qos2_mode::durable;
    EXPECT_EQ(client_options(effective(o).producer, 0).qos2_receive, mqtt::qos2_receive::store_first);
}

TEST(connector_options, a_key_has_one_place_and_a_version_that_has_it) {
    const auto with = [](idempotency_options k, mqtt::protocol_version v = mqtt::protocol_version::v5) {
        return faults([&](options& o) {
            o.producer.config.proto_ver = v;
            o.producer.idempotency_key = std::move(k);
        });
    };
    using enum mqtt::protocol_version;
    EXPECT_THAT(with({.user_property = "id", .entries = 5}), IsEmpty());
    EXPECT_THAT(
        with({.user_property = "id", .correlation_data = true}),
        fault_at("producer.idempotency_key", "several"));
    EXPECT_THAT(with({.user_property = "id"}, v4), fault_at("producer.idempotency_key.user_property", "id"));
    EXPECT_THAT(with({.correlation_data = true}, v4), fault_at("producer.idempotency_key.correlation_data"));
    EXPECT_THAT(with({.entries = 5}), fault_at("producer.idempotency_key.entries", "5"));
    EXPECT_THAT(with({.correlation_data = true, .ttl = 0ms}), fault_at("producer.idempotency_key.ttl", "0"));
    EXPECT_THAT(with({.function = [](const auto&) { return ""; }}, v4), IsEmpty());
}

TEST(connector_options, copies_are_recognised_on_v5_outside_of_groups) {
    const auto with = [](const std::function<void(producer_options&)>& change) {
        return faults([&](options& o) {
            o.producer.overlap = overlap::dedup;
            change(o.producer);
        });
    };
    EXPECT_THAT(with([](auto&) {}), IsEmpty());
    EXPECT_THAT(with([](auto& p) { p.shared_group = "g"; }), fault_at("producer.overlap", "dedup"));
    EXPECT_THAT(
        with([](auto& p) { p.config.proto_ver = mqtt::protocol_version::v4; }),
        fault_at("producer.overlap", "dedup"));
}

TEST(connector_options, filters_that_overlap_are_for_those_who_can_tell_copies) {
    const auto with = [](const std::function<void(producer_options&)>& change) {
        return faults([&](options& o) {
            o.producer.topics = {{"a/+"}, {"a/b"}};
            change(o.producer);
        });
    };
    const auto refused = fault_at("producer.topics[1].filter", "a/b");
    EXPECT_THAT(with([](auto&) {}), IsEmpty()) << "copies are recognised";
    EXPECT_THAT(with([](auto& p) { p.overlap = overlap::reject; }), refused);
    EXPECT_THAT(with([](auto& p) { p.shared_group = "g"; }), refused);
    EXPECT_THAT(with([](auto& p) { p.config.proto_ver = mqtt::protocol_version::v4; }), refused);
    EXPECT_THAT(with([](auto& p) { p.config.proto_fallback = {mqtt::protocol_version::v4}; }), refused);
    EXPECT_THAT(
        with([](auto& p) { p.topics[1].filter = "$share/g/a/b"; }),
        fault_at("producer.topics[1].filter", "$share/g/a/b"));
    EXPECT_THAT(
        with([](auto& p) {
            p.topics[1].filter = "$share/g/x";
            p.overlap = overlap::dedup;
        }),
        fault_at("producer.overlap", "dedup"));
    EXPECT_THAT(
        with([](auto& p) {
            p.shared_group = "g";
            p.overlap = overlap::allow;
        }),
        IsEmpty());
}

TEST(connector_options, what_overlap_comes_to_is_part_of_the_effective_ones) {
    EXPECT_EQ(effective(good()).producer.overlap, overlap::dedup);
    auto o = good();
    o.producer.shared_group = "g";
    EXPECT_EQ(effective(o).producer.overlap, overlap::reject);
    o.producer.overlap = overlap::allow;
    EXPECT_EQ(effective(o).producer.overlap, overlap::allow);
}

} // namespace
} // namespace weir::connector
