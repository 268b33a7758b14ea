#include "config/schemas.hpp"
#include "shell/client_settings.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>

namespace weir::tool {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

client_settings settings_of(const std::string& words) {
    arguments a((*parse_command("connect " + words))->words);
    return read_client_settings(a);
}

std::string fault(const std::string& words) {
    try {
        static_cast<void>(settings_of(words));
    } catch (const bad_command& e) {
        return e.what();
    }
    ADD_FAILURE() << words << " is taken";
    return {};
}

TEST(shell_settings, messages_wait_for_a_command_unless_told_otherwise) {
    EXPECT_FALSE(settings_of("").options.auto_ack);
    EXPECT_TRUE(settings_of("auto_ack=true").options.auto_ack);
    EXPECT_TRUE(settings_of("auto_ack=never").options.raw_acks);
    EXPECT_FALSE(settings_of("").demand);
    EXPECT_EQ(settings_of("demand=5").demand, 5u);
}

TEST(shell_settings, values_are_those_of_a_configuration_file) {
    const auto o = settings_of("127.0.0.1 port=1884 clientid=7 proto_ver=v4 clean_start=false keepalive=2m "
                               "connect_timeout=500ms reconnect=3 receive_window=4 max_inflight=5 "
                               "ws_headers=[[\"a\",\"b\"]] websocket=true ws_path=/x tcp_opts.nodelay=false "
                               "tcp_opts.keepalive.idle=9 will_topic=w will_qos=1 will_payload=hex:00ff")
                       .options;
    EXPECT_EQ(o.host, "127.0.0.1");
    EXPECT_EQ(o.port, 1884);
    EXPECT_EQ(o.clientid, "7");
    EXPECT_EQ(o.proto_ver, mqtt::protocol_version::v4);
    EXPECT_EQ(o.clean_start, false);
    EXPECT_EQ(o.keepalive, 120s);
    EXPECT_EQ(o.connect_timeout, 500ms);
    EXPECT_EQ(o.reconnect, 3u);
    EXPECT_EQ(o.receive_window, 4);
    EXPECT_EQ(o.max_inflight, 5);
    EXPECT_EQ(o.ws_headers.size(), 1u);
    EXPECT_FALSE(o.tcp_opts.nodelay);
    EXPECT_EQ(o.tcp_opts.keepalive->idle, 9s);
    EXPECT_EQ(o.will->payload, std::string("\0\xFF", 2));
}

TEST(shell_settings, properties_have_the_names_of_the_standard) {
    const auto o = settings_of("properties.Session-Expiry-Interval=60 properties.user_property=a=b "
                               "properties.user_property=[\"c\",\"d\"] will_topic=w "
                               "will_props.will_delay_interval=5 will_props.correlation_data=hex:00")
                       .options;
    EXPECT_EQ(o.props.number(mqtt::property_id::session_expiry_interval), 60u);
    EXPECT_EQ(o.props.user_property("a"), "b");
    EXPECT_EQ(o.props.user_property("c"), "d");
    EXPECT_EQ(o.will->props.number(mqtt::property_id::will_delay_interval), 5u);
    EXPECT_EQ(o.will->props.text(mqtt::property_id::correlation_data), std::string_view("\0", 1));
}

TEST(shell_settings, windows_and_attempts_may_be_endless) {
    EXPECT_EQ(settings_of("max_inflight=infinity").options.max_inflight, 65'535);
    EXPECT_EQ(settings_of("reconnect=infinity").options.reconnect, std::nullopt);
    EXPECT_EQ(settings_of("reconnect=true").options.reconnect, std::nullopt);
    EXPECT_EQ(settings_of("reconnect=false").options.reconnect, 0u);
}

TEST(shell_settings, a_fault_says_what_is_allowed) {
    EXPECT_THAT(fault("max_inflight=endless"), HasSubstr("1..65535, or \"infinity\""));
    EXPECT_THAT(fault("port=x"), HasSubstr("port = 'x': allowed: an integer, 0..65535"));
    EXPECT_THAT(fault("keepalve=1"), HasSubstr("did you mean keepalive?"));
    EXPECT_THAT(fault("proto_ver=v9"), HasSubstr("\"v5\""));
    EXPECT_THAT(fault("receive_maximum=0"), HasSubstr("1..65535"));
    EXPECT_THAT(fault("receive_window=5"), HasSubstr("receive_window"));
    EXPECT_THAT(fault("properties.nothing=1"), HasSubstr("nothing is no property"));
    EXPECT_THAT(fault("properties.receive_maximum=x"), HasSubstr("a number"));
    EXPECT_THAT(fault("properties.user_property=x"), HasSubstr("name=value"));
    EXPECT_THAT(fault("properties.topic_alias=1"), HasSubstr("topic_alias"));
    EXPECT_THAT(fault("demand=x"), HasSubstr("demand = x"));
    EXPECT_THAT(fault("password_file=/nowhere"), HasSubstr("a file that can be read"));
    EXPECT_THAT(fault("auto_ack=maybe"), HasSubstr("true, false or \"never\""));
    EXPECT_THAT(fault("ssl_opts.verify=5"), HasSubstr("verify_peer"));
}

TEST(shell_settings, a_password_may_stand_in_a_file) {
    const testing::temp_folder folder;
    testing::write_file(folder.file("secret"), "s3cret\n");
    EXPECT_EQ(settings_of("username=u password_file=" + folder.file("secret")).options.password, "s3cret");
    EXPECT_THAT(fault("username=u password=s3cret port=x"), Not(HasSubstr("s3cret")));
}

TEST(shell_settings, every_key_is_in_the_reference) {
    const auto text = client_settings_reference();
    for (const auto& key : known_keys(standalone_client_schema()))
        EXPECT_THAT(text, HasSubstr(key));
    EXPECT_THAT(text, HasSubstr("ssl_opts.key_password_file\n"));
}

/// Whatever the words, either there are options or the reason why not.
TEST(shell_settings, no_value_is_too_odd) {
    const auto keys = known_keys(standalone_client_schema());
    EXPECT_TRUE(rc::check("any value for any key", [&](const std::string& text) {
        auto key = *rc::gen::elementOf(keys);
        if (*rc::gen::arbitrary<bool>()) key += ".x";
        const auto spelled = *rc::gen::element(word::form::bare, word::form::quoted, word::form::bracketed);
        arguments a({word{key, text, spelled}});
        try {
            static_cast<void>(read_client_settings(a));
        } catch (const bad_command& e) {
            RC_ASSERT(!std::string(e.what()).empty());
        }
    }));
}

} // namespace
} // namespace weir::tool
