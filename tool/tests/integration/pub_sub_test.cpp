#include "support/certificates.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/weir_process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <optional>
#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class pub_sub : public ::testing::Test {
  protected:
    void SetUp() override { WEIR_NEEDS_MOSQUITTO(); }

    using words = std::vector<std::string>;

    words with_port(words arguments) const {
        arguments.insert(arguments.end(), {"-h", "127.0.0.1", "-p", std::to_string(broker_.port())});
        return arguments;
    }

    /// Publishes and expects success.
    void publish(words more, const std::string& input = {}) const {
        words all{"pub"};
        all.insert(all.end(), more.begin(), more.end());
        weir_process pub(with_port(all), input);
        EXPECT_EQ(pub.wait(), 0) << pub.errors();
    }

    /// A `sub` that has subscribed: Mosquitto's log says when.
    std::unique_ptr<weir_process> subscribe(words more) {
        words all{"sub", "-C", "listener"};
        all.insert(all.end(), more.begin(), more.end());
        auto sub = std::make_unique<weir_process>(with_port(all));
        EXPECT_TRUE(eventually([&] { return has_subscribed(); })) << sub->errors();
        return sub;
    }

    mosquitto broker_{"log_type all\n"};

  private:
    [[nodiscard]] bool has_subscribed() const {
        return broker_.log().find("Sending SUBACK to listener") != std::string::npos;
    }
};

TEST_F(pub_sub, carry_a_message_at_every_qos_and_version) {
    for (const auto* version : {"v3.1", "v3.1.1", "v5"}) {
        for (const auto* qos : {"0", "1", "2"}) {
            const auto topic = std::string("round/trip/") + version + '/' + qos;
            // Retained, so that it does not matter which of the two comes first.
            publish({"-t", topic, "-q", qos, "-V", version, "-r", "--payload", "hello"});
            weir_process sub(with_port({"sub", "-t", topic, "-q", qos, "-V", version, "--count", "1"}));
            EXPECT_EQ(sub.wait(), 0) << sub.errors();
            EXPECT_EQ(sub.output(), "hello\n") << topic;
        }
    }
}

TEST_F(pub_sub, pub_says_what_it_does_in_order) {
    weir_process pub(with_port({"pub", "-t", "a", "-q", "1", "-C", "me", "--payload", "x", "--repeat", "3"}));
    EXPECT_EQ(pub.wait(), 0) << pub.errors();
    EXPECT_EQ(
        pub.output(),
        "connected to 127.0.0.1:" + std::to_string(broker_.port()) + " as me\npublished 3\ndisconnected\n");
}

TEST_F(pub_sub, lines_of_standard_input_become_messages) {
    const auto sub = subscribe({"-t", "lines", "-q", "1", "--count", "3"});
    publish({"-t", "lines", "-q", "1", "--stdin-line"}, "one\n\nthree");
    EXPECT_EQ(sub->wait(), 0) << sub->errors();
    EXPECT_EQ(sub->output(), "one\n\nthree\n");
}

TEST_F(pub_sub, a_file_is_published_whole_and_printed_on_one_line) {
    const temp_folder folder;
    write_file(folder.file("payload"), std::string("a\nb\\\x01\xFF", 6));
    const auto sub = subscribe({"-t", "f/+", "-v", "--count", "1"});
    publish({"-t", "f/1", "--file", folder.file("payload")});
    EXPECT_EQ(sub->wait(), 0) << sub->errors();
    EXPECT_EQ(sub->output(), "f/1 a\\nb\\\\\\x01\\xff\n");
}

TEST_F(pub_sub, much_at_once_is_published_as_one_or_as_many) {
    const temp_folder folder;
    write_file(folder.file("large"), std::string(65u << 20, 'x'));
    publish({"-t", "large", "-q", "1", "--file", folder.file("large")});
    write_file(folder.file("part"), std::string(4u << 20, 'x'));
    publish({"-t", "part", "-q", "1", "--file", folder.file("part"), "--repeat", "20"});
}

TEST_F(pub_sub, raw_hex_and_size_print_what_they_say) {
    publish({"-t", "p", "-r", "--payload", "a\\b"});
    const auto printed = [&](const std::string& mode) {
        weir_process sub(with_port({"sub", "-t", "p", "--count", "1", "--print", mode}));
        EXPECT_EQ(sub.wait(), 0) << sub.errors();
        return sub.output();
    };
    EXPECT_EQ(printed("raw"), "a\\b\n");
    EXPECT_EQ(printed("hex"), "615c62\n");
    EXPECT_EQ(printed("size"), "3\n");
}

TEST_F(pub_sub, json_has_the_facts_and_the_properties) {
    publish({"-t", "j", "-q", "1", "-r", "--user-property", "unit=C", "--payload", "21.5"});
    weir_process sub(with_port({"sub", "-t", "j", "-q", "1", "--count", "1", "--print", "json"}));
    ASSERT_EQ(sub.wait(), 0) << sub.errors();
    const auto line = nlohmann::json::parse(sub.output());
    EXPECT_EQ(line.at("topic"), "j");
    EXPECT_EQ(line.at("payload"), "21.5");
    EXPECT_EQ(line.at("retain"), true);
    EXPECT_EQ(line.at("properties").at("user_property"), nlohmann::json::parse(R"([["unit", "C"]])"));
}

TEST_F(pub_sub, many_messages_all_arrive_in_order) {
    const auto sub = subscribe({"-t", "n", "-q", "1", "--count", "5000"});
    std::string lines;
    for (int i = 0; i < 5'000; ++i)
        lines += std::to_string(i) + '\n';
    publish({"-t", "n", "-q", "1", "--stdin-line"}, lines);
    EXPECT_EQ(sub->wait(), 0) << sub->errors();
    EXPECT_EQ(sub->output(), lines);
}

TEST_F(pub_sub, a_lasting_session_keeps_what_count_did_not_take) {
    const words lasting{
        "sub", "-t", "kept", "-q", "1", "-C", "keeper", "--clean-start=false", "--session-expiry", "60"};
    const auto with_count = [&](const std::string& n) {
        auto all = with_port(lasting);
        all.insert(all.end(), {"--count", n});
        return all;
    };
    weir_process nothing_yet([&] {
        auto all = with_port(lasting);
        all.insert(all.end(), {"--timeout", "1"});
        return all;
    }());
    EXPECT_EQ(nothing_yet.wait(), 3);
    publish({"-t", "kept", "-q", "1", "--stdin-line"}, "1\n2\n3\n4\n");
    weir_process first(with_count("1"));
    EXPECT_EQ(first.wait(), 0) << first.errors();
    weir_process rest(with_count("3"));
    EXPECT_EQ(rest.wait(), 0) << rest.errors();
    EXPECT_EQ(first.output() + rest.output(), "1\n2\n3\n4\n");
}

TEST_F(pub_sub, a_signal_ends_sub_in_order) {
    const auto sub = subscribe({"-t", "s", "--will-topic", "gone", "--will-payload", "x"});
    sub->signal(SIGTERM);
    EXPECT_EQ(sub->wait(3s), 0) << sub->errors();
    EXPECT_TRUE(eventually(
        [&] { return broker_.log().find("Received DISCONNECT from listener") != std::string::npos; }));
}

TEST_F(pub_sub, a_lost_connection_ends_sub_with_one) {
    const auto sub = subscribe({"-t", "s"});
    broker_.kill();
    EXPECT_EQ(sub->wait(), 1);
    EXPECT_THAT(sub->errors(), HasSubstr("lost"));
}

TEST_F(pub_sub, a_silent_broker_ends_pub_with_three) {
    broker_.freeze();
    weir_process pub(with_port({"pub", "-t", "a", "-q", "1", "--payload", "x", "--timeout", "0.5"}));
    EXPECT_EQ(pub.wait(), 3) << pub.errors();
    EXPECT_THAT(pub.errors(), HasSubstr("no answer from 127.0.0.1"));
}

TEST(pub_without_broker, ends_with_one_and_names_the_endpoint) {
    const auto port = std::to_string(free_port());
    weir_process pub({"pub", "-h", "127.0.0.1", "-p", port, "-t", "a", "--payload", "x"});
    EXPECT_EQ(pub.wait(), 1);
    EXPECT_THAT(pub.errors(), HasSubstr("127.0.0.1:" + port));
}

TEST(pub_without_rights, ends_with_one_and_the_reason) {
    WEIR_NEEDS_MOSQUITTO();
    const temp_folder folder;
    write_file(folder.file("acl"), "topic readwrite open/#\n");
    const mosquitto broker("acl_file " + folder.file("acl") + "\n");
    weir_process pub(
        {"pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-q", "1", "-t", "closed",
         "--payload", "x"});
    EXPECT_EQ(pub.wait(), 1);
    EXPECT_THAT(pub.errors(), HasSubstr("not_authorized"));
}

class secure_pub_sub : public ::testing::Test {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        const auto own = ca_.issue({.names = {"DNS:localhost"}});
        write_file(folder_.file("ca.pem"), ca_.certificate());
        write_file(folder_.file("cert.pem"), own.certificate);
        write_file(folder_.file("key.pem"), own.key);
        broker_.emplace(
            "listener " + std::to_string(tls_port_) + " 127.0.0.1\ncertfile " + folder_.file("cert.pem") +
            "\nkeyfile " + folder_.file("key.pem") + "\nlistener " + std::to_string(ws_port_) +
            " 127.0.0.1\nprotocol websockets\n");
    }

    static int publish(std::vector<std::string> how, std::string* errors = nullptr) {
        std::vector<std::string> all{"pub", "-t", "a", "-q", "1", "--payload", "x"};
        all.insert(all.end(), how.begin(), how.end());
        weir_process pub(all);
        const int code = pub.wait();
        if (errors != nullptr) *errors = pub.errors();
        return code;
    }

    certificate_authority ca_;
    temp_folder folder_;
    std::uint16_t tls_port_{free_port()};
    std::uint16_t ws_port_{free_port()};
    std::optional<mosquitto> broker_;
};

TEST_F(secure_pub_sub, by_flags) {
    const auto port = std::to_string(tls_port_);
    EXPECT_EQ(
        publish({"--enable-ssl", "-h", "localhost", "-p", port, "--CAfile", folder_.file("ca.pem")}), 0);
    EXPECT_EQ(publish({"-h", "localhost", "-p", std::to_string(ws_port_), "--enable-websocket"}), 0);
}

TEST_F(secure_pub_sub, by_url) {
    const auto place = "localhost:" + std::to_string(tls_port_);
    EXPECT_EQ(publish({"--url", "mqtts://" + place, "--CAfile", folder_.file("ca.pem")}), 0);
    EXPECT_EQ(
        publish({"--url", "ws://localhost:" + std::to_string(ws_port_) + "/mqtt", "-I", "127.0.0.1"}), 0);
}

TEST_F(secure_pub_sub, a_stranger_is_refused_unless_one_insists) {
    const auto url = "mqtts://localhost:" + std::to_string(tls_port_);
    std::string errors;
    EXPECT_EQ(publish({"--url", url}, &errors), 1);
    EXPECT_THAT(errors, HasSubstr("unknown_ca"));
    EXPECT_EQ(publish({"--url", url, "--insecure"}, &errors), 0);
    EXPECT_THAT(errors, HasSubstr("not verified"));
}

TEST_F(secure_pub_sub, a_file_that_cannot_be_read_is_wrong_use) {
    std::string errors;
    EXPECT_EQ(publish({"--url", "mqtts://localhost", "--CAfile", "/nowhere"}, &errors), 2);
    EXPECT_THAT(errors, HasSubstr("/nowhere"));
}

} // namespace
} // namespace weir::testing
