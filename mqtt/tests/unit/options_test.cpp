#include <weir/mqtt/options.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace weir::mqtt {
namespace {

using namespace std::chrono_literals;

/// The paths of what is wrong after `change`.
std::vector<std::string> faults(const std::function<void(client_options&)>& change) {
    client_options o;
    change(o);
    std::vector<std::string> paths;
    for (const auto& f : check(o)) {
        EXPECT_FALSE(f.allowed.empty()) << f.path;
        paths.push_back(f.path);
    }
    return paths;
}

using paths = std::vector<std::string>;

TEST(options, the_defaults_are_well) {
    EXPECT_TRUE(check(client_options{}).empty());
    for (const auto version : {protocol_version::v3, protocol_version::v4})
        EXPECT_EQ(faults([=](auto& o) { o.proto_ver = version; }), paths{});
}

TEST(options, each_bad_value_is_named) {
    EXPECT_EQ(faults([](auto& o) { o.host = ""; }), paths{"host"});
    EXPECT_EQ(faults([](auto& o) { o.clientid = "\xff"; }), paths{"clientid"});
    EXPECT_EQ(faults([](auto& o) { o.username = std::string(65'536, 'x'); }), paths{"username"});
    EXPECT_EQ(faults([](auto& o) { o.keepalive = 65'536s; }), paths{"keepalive"});
    EXPECT_EQ(faults([](auto& o) { o.keepalive = -1s; }), paths{"keepalive"});
    EXPECT_EQ(faults([](auto& o) { o.ping_timeout = 0ms; }), paths{"ping_timeout"});
    EXPECT_EQ(faults([](auto& o) { o.connect_timeout = 0ms; }), paths{"connect_timeout"});
    EXPECT_EQ(faults([](auto& o) { o.ack_timeout = 0ms; }), paths{"ack_timeout"});
    EXPECT_EQ(faults([](auto& o) { o.close_timeout = 0ms; }), paths{"close_timeout"});
    EXPECT_EQ(faults([](auto& o) { o.write_timeout = 0ms; }), paths{"write_timeout"});
    EXPECT_EQ(faults([](auto& o) { o.max_inflight = 0; }), paths{"max_inflight"});
    EXPECT_EQ(faults([](auto& o) { o.send_queue_messages = 0; }), paths{"send_queue_messages"});
    EXPECT_EQ(faults([](auto& o) { o.send_queue_bytes = 0; }), paths{"send_queue_bytes"});
    EXPECT_EQ(faults([](auto& o) { o.receive_maximum = 0; }), paths{"receive_maximum"});
    EXPECT_EQ(faults([](auto& o) { o.receive_bytes = 0; }), paths{"receive_bytes"});
    EXPECT_EQ(faults([](auto& o) { o.read_ahead_bytes = 0; }), paths{"read_ahead_bytes"});
    EXPECT_EQ(faults([](auto& o) { o.qos0_buffer_messages = 0; }), paths{"qos0_buffer_messages"});
    EXPECT_EQ(faults([](auto& o) { o.qos0_buffer_bytes = 0; }), paths{"qos0_buffer_bytes"});
    EXPECT_EQ(faults([](auto& o) { o.maximum_packet_size = 0; }), paths{"maximum_packet_size"});
    EXPECT_EQ(faults([](auto& o) { o.maximum_packet_size = 268'435'456; }), paths{"maximum_packet_size"});
    EXPECT_EQ(faults([](auto& o) { o.backoff_min = 0ms; }), paths{"backoff_min"});
    EXPECT_EQ(faults([](auto& o) { o.backoff_max = 1ms; }), paths{"backoff_max"});
    EXPECT_EQ(faults([](auto& o) { o.stable_after = -1ms; }), paths{"stable_after"});
    EXPECT_EQ(faults([](auto& o) { o.retry_interval = -1ms; }), paths{"retry_interval"});
    EXPECT_EQ(faults([](auto& o) { o.max_requests = 0; }), paths{"max_requests"});
    EXPECT_EQ(faults([](auto& o) { o.response_prefix = "responses/+"; }), paths{"response_prefix"});
    EXPECT_EQ(faults([](auto& o) { o.store.bytes = 1'000; }), paths{"store.bytes"});
    EXPECT_EQ(faults([](auto& o) { o.store.fsync_interval = -1ms; }), paths{"store.fsync_interval"});
}

/// What is well on its own, and not together with something else.
TEST(options, each_combination_that_excludes_itself_is_named) {
    struct row {
        std::function<void(client_options&)> change;
        const char* path;
        const char* value;
        const char* allowed;
    };

    const auto no_authenticator = [] { return std::unique_ptr<authenticator>{}; };
    const auto no_store = [] { return std::unique_ptr<session_store>{}; };
    const std::vector<row> rows{
        {[](auto& o) { o.proto_fallback = {protocol_version::v5}; }, "proto_fallback", "v5",
         "versions older than proto_ver, the newest first, each once"},
        {[](auto& o) {
             o.proto_fallback = {protocol_version::v3, protocol_version::v4};
         },
         "proto_fallback", "v4", "versions older than proto_ver, the newest first, each once"},
        {[&](auto& o) {
             o.auth = no_authenticator;
             o.proto_fallback = {protocol_version::v4};
         },
         "proto_fallback", "(given)", "none with enhanced authentication, which only MQTT 5 has"},
        {[](auto& o) { o.auth_method = "PLAIN"; }, "auth_method", "\"PLAIN\"",
         "SCRAM-SHA-256 or SCRAM-SHA-512"},
        {[](auto& o) {
             o.auth_method = "SCRAM-SHA-256";
             o.username = "user";
         },
         "auth_method", "\"SCRAM-SHA-256\"", "only with username and password"},
        {[&](auto& o) {
             o.auth_method = "SCRAM-SHA-256";
             o.auth = no_authenticator;
         },
         "auth_method", "\"SCRAM-SHA-256\"", "not together with auth, which names a method itself"},
        {[](auto& o) {
             o.will = will{"a", "", {}, false, {}};
             o.will_from = [] { return std::optional<will>{}; };
         },
         "will", "(given)", "not together with will_from"},
        {[](auto& o) {
             o.username = "user";
             o.credentials_callback = [] { return credentials{}; };
         },
         "credentials_callback", "(given)", "not beside username and password"},
        {[](auto& o) { o.qos2_receive = qos2_receive::store_first; }, "qos2_receive", "store_first",
         "after_ack without store.path"},
        {[&](auto& o) {
             o.store_from = no_store;
             o.store.qos1 = true;
         },
         "store.qos1", "true", "only with qos2_receive = store_first"},
        {[](auto& o) {
             o.raw_acks = true;
             o.store.path = "session.db";
         },
         "store.path", "\"session.db\"", "none with raw acks, where the application keeps the session"},
        {[](auto& o) {
             o.raw_acks = true;
             o.confirm_release = true;
         },
         "confirm_release", "true", "false with raw acks, where PUBCOMP is the application's own"},
    };
    for (const auto& r : rows) {
        client_options o;
        r.change(o);
        EXPECT_EQ(check(o), (std::vector<option_fault>{{r.path, r.value, r.allowed}})) << r.path;
    }
}

TEST(options, what_goes_together_is_well) {
    EXPECT_EQ(
        faults([](auto& o) {
            o.proto_fallback = {protocol_version::v4, protocol_version::v3};
        }),
        paths{});
    EXPECT_EQ(
        faults([](auto& o) {
            o.auth_method = "SCRAM-SHA-512";
            o.credentials_callback = [] { return credentials{}; };
        }),
        paths{});
    EXPECT_EQ(
        faults([](auto& o) {
            o.store.path = "session.db";
            o.qos2_receive = qos2_receive::store_first;
            o.store.qos1 = true;
        }),
        paths{});
}

TEST(options, what_needs_v5_is_refused_on_3) {
    const auto on_v4 = [](const std::function<void(client_options&)>& change) {
        return faults([&](client_options& o) {
            o.proto_ver = protocol_version::v4;
            change(o);
        });
    };
    EXPECT_EQ(
        on_v4([](auto& o) {
            o.auth_method = "SCRAM-SHA-256";
            o.username = o.password = "x";
        }),
        paths{"auth_method"});
    EXPECT_EQ(
        on_v4([](auto& o) { o.auth = [] { return std::unique_ptr<authenticator>{}; }; }), paths{"auth"});
    EXPECT_EQ(on_v4([](auto& o) { o.clean_start_always = true; }), paths{"clean_start_always"});
    EXPECT_EQ(
        on_v4([](auto& o) { o.topic_alias_out = topic_alias_out::automatic; }), paths{"topic_alias_out"});
    EXPECT_EQ(on_v4([](auto& o) { o.downgrade_qos = true; }), paths{"downgrade_qos"});
    EXPECT_EQ(
        on_v4([](auto& o) { o.request_response_information = true; }), paths{"request_response_information"});
    EXPECT_EQ(on_v4([](auto& o) { o.session_expiry = 1; }), paths{"session_expiry"});
    EXPECT_EQ(on_v4([](auto& o) { o.topic_alias_maximum = 1; }), paths{"topic_alias_maximum"});
    EXPECT_EQ(
        on_v4([](auto& o) { o.request_problem_information = false; }), paths{"request_problem_information"});
    EXPECT_EQ(on_v4([](auto& o) { o.validate_payload_format = true; }), paths{"validate_payload_format"});
    EXPECT_EQ(on_v4([](auto& o) { o.strict_receive_maximum = true; }), paths{"strict_receive_maximum"});
    EXPECT_EQ(on_v4([](auto& o) { o.strict_resend = true; }), paths{"strict_resend"});
    EXPECT_EQ(on_v4([](auto& o) { o.props.add_user_property("a", "b"); }), paths{"props"});
    EXPECT_EQ(on_v4([](auto& o) { o.password = "secret"; }), paths{"password"});
    EXPECT_EQ(on_v4([](auto& o) { o.receive_window = 5; }), paths{});
    EXPECT_EQ(on_v4([](auto& o) { o.bridge_mode = true; }), paths{});
}

TEST(options, what_is_of_3_is_refused_on_v5) {
    EXPECT_EQ(faults([](auto& o) { o.bridge_mode = true; }), paths{"bridge_mode"});
    EXPECT_EQ(faults([](auto& o) { o.receive_window = 5; }), paths{"receive_window"});
    EXPECT_EQ(faults([](auto& o) { o.password = "alone"; }), paths{});
}

TEST(options, a_fixed_pause_is_in_place_of_the_growing_one) {
    EXPECT_EQ(faults([](auto& o) { o.reconnect_timeout = std::chrono::seconds{5}; }), paths{});
    EXPECT_EQ(
        faults([](auto& o) { o.reconnect_timeout = std::chrono::seconds{0}; }), paths{"reconnect_timeout"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.reconnect_timeout = std::chrono::seconds{5};
            o.backoff_max = std::chrono::seconds{5};
        }),
        paths{"reconnect_timeout"});
}

TEST(options, aliases_need_memory_for_one_of_them) {
    EXPECT_EQ(faults([](auto& o) { o.alias_bytes = 0; }), paths{});
    EXPECT_EQ(
        faults([](auto& o) {
            o.topic_alias_maximum = 1;
            o.alias_bytes = 65'535;
        }),
        paths{"alias_bytes"});
}

TEST(options, a_will_is_checked_piece_by_piece) {
    EXPECT_EQ(faults([](auto& o) { o.will = will{"", "", {}, false, {}}; }), paths{"will.topic"});
    EXPECT_EQ(faults([](auto& o) { o.will = will{"a/+", "", {}, false, {}}; }), paths{"will.topic"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.will = will{"a", std::string(65'536, 'x'), {}, false, {}};
        }),
        paths{"will.payload"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.will = will{"a", "", {}, false, {}};
            o.will->props.set(property_id::receive_maximum, 1u);
        }),
        paths{"will.props"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.will = will{"a", "", qos::exactly_once, true, {}};
            o.will->props.set(property_id::will_delay_interval, 10u);
        }),
        paths{});
}

TEST(options, a_setting_given_twice_has_to_agree) {
    EXPECT_EQ(faults([](auto& o) { o.props.set(property_id::receive_maximum, 5u); }), paths{});
    EXPECT_EQ(faults([](auto& o) { o.props.set(property_id::request_problem_information, 0u); }), paths{});
    EXPECT_EQ(
        faults([](auto& o) { o.props.set(property_id::maximum_packet_size, 268'435'456u); }),
        paths{"maximum_packet_size"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.receive_maximum = 5;
            o.props.set(property_id::receive_maximum, 5u);
        }),
        paths{});
    EXPECT_EQ(
        faults([](auto& o) {
            o.session_expiry = 5;
            o.props.set(property_id::session_expiry_interval, 6u);
        }),
        paths{"props"});
    EXPECT_EQ(
        faults([](auto& o) { o.props.set(property_id::authentication_method, "SCRAM"); }), paths{"props"});
}

TEST(options, of_two_settings_that_disagree_both_are_named) {
    struct pair {
        property_id id;
        std::uint32_t given;
        const char* option;
        std::function<void(client_options&)> set;
        const char* setting;
    };

    const std::vector<pair> pairs{
        {property_id::session_expiry_interval, 6, "session_expiry", [](auto& o) { o.session_expiry = 5; },
         "5"},
        {property_id::receive_maximum, 6, "receive_maximum", [](auto& o) { o.receive_maximum = 5; }, "5"},
        {property_id::maximum_packet_size, 600, "maximum_packet_size",
         [](auto& o) { o.maximum_packet_size = 500; }, "500"},
        {property_id::topic_alias_maximum, 6, "topic_alias_maximum",
         [](auto& o) { o.topic_alias_maximum = 5; }, "5"},
        {property_id::request_response_information, 0, "request_response_information",
         [](auto& o) { o.request_response_information = true; }, "1"},
        {property_id::request_problem_information, 1, "request_problem_information",
         [](auto& o) { o.request_problem_information = false; }, "0"},
    };
    for (const auto& p : pairs) {
        client_options o;
        p.set(o);
        o.props.set(p.id, p.given);
        const auto found = check(o);
        ASSERT_EQ(found.size(), 1u) << p.option;
        EXPECT_EQ(found[0].path, "props");
        EXPECT_EQ(found[0].value, std::string(to_string(p.id)) + " " + std::to_string(p.given));
        EXPECT_EQ(
            found[0].allowed, std::string("the same as the option ") + p.option + ", which is " + p.setting);
    }
}

TEST(options, a_fault_of_properties_shows_them) {
    client_options o;
    o.props.set(property_id::receive_maximum, 0u);
    o.props.add_user_property("a", "b");
    o.props.set(property_id::authentication_data, "secret");
    o.will = will{"a", "", {}, false, {}};
    o.will->props.set(property_id::content_type, "\xff");
    const auto found = check(o);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].value, "content_type \"\xff\"");
    EXPECT_EQ(found[1].value, "receive_maximum 0, user_property \"a\" \"b\", authentication_data (hidden)");
}

TEST(options, strict_utf8_counts_for_properties_too) {
    EXPECT_EQ(
        faults([](auto& o) {
            o.strict_utf8 = true;
            o.props.add_user_property("a", "\x01");
            o.will = will{"a", "", {}, false, {}};
            o.will->props.set(property_id::content_type, "\x7f");
        }),
        (paths{"will.props", "props"}));
}

TEST(options, what_needs_another_transport_is_refused_without_it) {
    const std::vector<std::function<void(tls_options&)>> changes{
        [](auto& t) { t.ciphers = "ALL"; },
        [](auto& t) { t.ciphersuites = "TLS_AES_128_GCM_SHA256"; },
        [](auto& t) { t.session_resumption = false; },
        [](auto& t) { t.keylog_file = "keys"; },
        [](auto& t) { t.key_password = "secret"; },
        [](auto& t) { t.key_password_callback = [] { return std::string{}; }; },
    };
    for (const auto& change : changes)
        EXPECT_EQ(faults([&](auto& o) { change(o.ssl_opts); }), paths{"ssl_opts"});
    EXPECT_EQ(faults([](auto& o) { o.ws_path = "/other"; }), paths{"ws_path"});
    EXPECT_EQ(faults([](auto& o) { o.ws_query = "a=b"; }), paths{"ws_query"});
    EXPECT_EQ(
        faults([](auto& o) {
            o.websocket = true;
            o.ws_path = "/other";
        }),
        paths{});
}

TEST(options, all_faults_come_together_with_their_prefix_and_no_secret) {
    client_options o;
    o.proto_ver = protocol_version::v4;
    o.host = "";
    o.password = std::string(70'000, 's');
    o.max_inflight = 0;
    const auto found = check(o, "config.");
    ASSERT_EQ(found.size(), 4u);
    EXPECT_EQ(found[0].path, "config.host");
    for (const auto& f : found)
        EXPECT_EQ(f.value.find("sss"), std::string::npos) << f.path;
}

} // namespace
} // namespace weir::mqtt
