#include "support/temp_folder.hpp"
#include "tls_fixture.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace weir::mqtt {
namespace {

using weir::testing::credentials;
using weir::testing::temp_folder;
using weir::testing::write_file;

/// Under which `openssl rehash` has OpenSSL find a certificate.
std::string rehashed_name(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> in{
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(certificate.get()));
    return name.data();
}

// ---- whom the client trusts

TEST_F(tls, carries_packets_both_ways) {
    serve(for_this_address);
    ASSERT_TRUE(connects(options()));
    client_->subscribe({{.filter = "a", .qos = qos::at_least_once}});
    client_->publish(message("a", std::string(1'000'000, 'x'), qos::at_least_once));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    EXPECT_EQ(observer_.seen().messages[0].received.payload.size(), 1'000'000u);
    client_->stop();
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.disconnects == 1; }));
}

TEST_F(tls, a_certificate_of_a_stranger_is_unknown_ca) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.ca_data = certificate_authority{"Another CA"}.certificate();
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("unknown_ca: "));
    EXPECT_THAT(reason.detail, HasSubstr("127.0.0.1:" + std::to_string(front_->port())));
    EXPECT_EQ(broker_.stats().connects, 0u);
}

// Certificates get renewed, though not within a second.
TEST_F(tls, a_refused_certificate_is_looked_at_again_after_the_longest_pause) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.ca_data = certificate_authority{"Another CA"}.certificate();
    o.reconnect.reset();
    o.backoff_min = 1ms;
    o.backoff_max = 250ms;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.failures.size() >= 2; }));
    std::uint32_t attempt = 0;
    for (const auto& failed : observer_.seen().failures) {
        EXPECT_EQ(failed.reason.code, errc::tls_verify_failed);
        EXPECT_TRUE(failed.will_retry);
        EXPECT_EQ(failed.retry_in, o.backoff_max) << "from the first failure on";
        EXPECT_EQ(failed.attempt, ++attempt);
    }
}

TEST_F(tls, trusts_a_file_of_certificates) {
    serve(for_this_address);
    const temp_folder folder;
    write_file(folder.file("ca.pem"), ca_.certificate());
    auto o = options();
    o.ssl_opts.ca_data.clear();
    o.ssl_opts.cacertfile = folder.file("ca.pem");
    EXPECT_TRUE(connects(o));
}

TEST_F(tls, trusts_a_folder_of_certificates) {
    serve(for_this_address);
    const temp_folder folder;
    write_file(folder.file(rehashed_name(ca_.certificate())), ca_.certificate());
    auto o = options();
    o.ssl_opts.ca_data.clear();
    o.ssl_opts.ca_path = folder.file("");
    EXPECT_TRUE(connects(o));
}

TEST_F(tls, a_folder_without_the_certificate_trusts_nobody) {
    serve(for_this_address);
    const certificate_authority another{"Another CA"};
    const temp_folder folder;
    write_file(folder.file(rehashed_name(another.certificate())), another.certificate());
    auto o = options();
    o.ssl_opts.ca_data.clear();
    o.ssl_opts.ca_path = folder.file("");
    EXPECT_EQ(failure_of(o).code, errc::tls_verify_failed);
}

TEST_F(tls, without_a_choice_the_system_is_trusted) {
    serve(for_this_address);
    const temp_folder folder;
    write_file(folder.file("ca.pem"), ca_.certificate());
    auto o = options();
    o.ssl_opts.ca_data.clear();
    // Where OpenSSL looks for the system's certificates.
    ::setenv("SSL_CERT_FILE", folder.file("ca.pem").c_str(), 1);
    EXPECT_TRUE(connects(o));
    ::unsetenv("SSL_CERT_FILE");
}

TEST_F(tls, an_expired_certificate_is_refused) {
    serve({.names = {"IP:127.0.0.1"}, .valid_from = -7'200, .valid_until = -3'600});
    const auto reason = failure_of(options());
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("expired: "));
}

TEST_F(tls, a_certificate_of_tomorrow_is_refused) {
    serve({.names = {"IP:127.0.0.1"}, .valid_from = 3'600});
    const auto reason = failure_of(options());
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("not_yet_valid: "));
}

// ---- whose certificate it is

TEST_F(tls, the_certificate_must_name_the_host) {
    serve({.common_name = "localhost", .names = {"DNS:other.example"}});
    const auto reason = failure_of(at_localhost(options()));
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("name_mismatch: "));
}

TEST_F(tls, the_certificate_must_name_the_address) {
    serve({.names = {"IP:127.0.0.2", "DNS:localhost"}});
    const auto reason = failure_of(options());
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("name_mismatch: "));
}

TEST_F(tls, a_common_name_counts_without_alternative_names) {
    serve({.common_name = "localhost"});
    EXPECT_TRUE(connects(at_localhost(options())));
}

TEST_F(tls, a_common_name_does_not_count_beside_any_alternative_name) {
    serve({.common_name = "localhost", .names = {"IP:127.0.0.1"}});
    const auto reason = failure_of(at_localhost(options()));
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("name_mismatch: "));
}

TEST_F(tls, a_wildcard_stands_for_the_first_label) {
    serve({.names = {"DNS:*.example.com"}});
    auto o = options();
    o.ssl_opts.server_name_indication = "broker.example.com";
    EXPECT_TRUE(connects(o));
}

TEST_F(tls, a_wildcard_stands_for_one_label_only) {
    serve({.names = {"DNS:*.example.com"}});
    auto o = options();
    o.ssl_opts.server_name_indication = "a.broker.example.com";
    EXPECT_THAT(failure_of(o).detail, StartsWith("name_mismatch: "));
}

TEST_F(tls, the_name_check_can_be_left_out_alone) {
    serve({.names = {"DNS:other.example"}});
    auto o = options();
    o.ssl_opts.verify_host = false;
    EXPECT_TRUE(connects(o));
    EXPECT_TRUE(observer_.seen().warnings.empty());
}

TEST_F(tls, without_the_name_check_the_authority_still_counts) {
    serve({.names = {"DNS:other.example"}});
    auto o = options();
    o.ssl_opts.verify_host = false;
    o.ssl_opts.ca_data = certificate_authority{}.certificate(); // of the same name
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::tls_verify_failed);
    EXPECT_THAT(reason.detail, StartsWith("bad_signature: "));
}

TEST_F(tls, verify_none_takes_anybody_and_says_so_each_time) {
    serve({.names = {"DNS:other.example"}, .valid_until = -60});
    auto o = options();
    o.ssl_opts.ca_data.clear();
    o.ssl_opts.verify = tls_verify::verify_none;
    o.reconnect = 5;
    ASSERT_TRUE(connects(o));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    const auto warnings = observer_.seen().warnings;
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_THAT(warnings[0], HasSubstr("not verified"));
}

// ---- what the server is told

TEST_F(tls, the_server_is_told_the_name_of_the_host) {
    serve(for_localhost);
    ASSERT_TRUE(connects(at_localhost(options())));
    EXPECT_EQ(front_->handshakes(1).at(0).server_name, "localhost");
}

TEST_F(tls, the_server_is_not_told_an_address) {
    serve(for_this_address);
    ASSERT_TRUE(connects(options()));
    EXPECT_EQ(front_->handshakes(1).at(0).server_name, "");
}

TEST_F(tls, another_name_can_be_asked_for) {
    serve({.names = {"DNS:broker.example"}});
    auto o = options();
    o.ssl_opts.server_name_indication = "broker.example";
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->handshakes(1).at(0).server_name, "broker.example");
}

TEST_F(tls, protocols_are_offered_in_order) {
    serve({.own = ca_.issue(for_this_address), .alpn = {"mqtt"}});
    auto o = options();
    o.ssl_opts.alpn = {"x-mqtt-next", "mqtt"};
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->handshakes(1).at(0).alpn, "mqtt");
}

TEST_F(tls, a_server_without_a_common_protocol_says_so_by_its_alert) {
    serve({.own = ca_.issue(for_this_address), .alpn = {"http/1.1"}});
    auto o = options();
    o.ssl_opts.alpn = {"mqtt"};
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, StartsWith("no_application_protocol: "));
}

// ---- who the client is

class tls_client_certificate : public tls {
  protected:
    void demand(int max_version = 0) {
        serve(
            {.own = ca_.issue(for_this_address), .client_ca = ca_.certificate(), .max_version = max_version});
    }

    client_options with(const credentials& own) {
        write_file(folder_.file("cert.pem"), own.certificate);
        write_file(folder_.file("key.pem"), own.key);
        auto o = options();
        o.ssl_opts.certfile = folder_.file("cert.pem");
        o.ssl_opts.keyfile = folder_.file("key.pem");
        return o;
    }

    temp_folder folder_;
};

TEST_F(tls_client_certificate, is_shown_when_asked_for) {
    demand();
    ASSERT_TRUE(connects(with(ca_.issue({.common_name = "device-7"}))));
    EXPECT_EQ(front_->handshakes(1).at(0).client, "device-7");
}

TEST_F(tls_client_certificate, may_be_in_memory) {
    demand();
    const auto own = ca_.issue({.common_name = "device-8"});
    auto o = options();
    o.ssl_opts.cert_data = own.certificate;
    o.ssl_opts.key_data = own.key;
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->handshakes(1).at(0).client, "device-8");
}

TEST_F(tls_client_certificate, missing_is_the_servers_alert_and_not_a_timeout) {
    demand();
    const auto began = clock::now();
    const auto reason = failure_of(options());
    EXPECT_LT(clock::now() - began, 8s);
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, StartsWith("certificate_required: "));
}

TEST_F(tls_client_certificate, missing_is_the_servers_alert_on_tls_1_2) {
    demand(TLS1_2_VERSION);
    const auto reason = failure_of(options());
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, StartsWith("handshake_failure: "));
}

TEST_F(tls_client_certificate, of_a_stranger_is_the_servers_alert) {
    demand();
    const certificate_authority other{"Another CA"};
    const auto reason = failure_of(with(other.issue({.common_name = "x"})));
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, StartsWith("unknown_ca: "));
}

TEST_F(tls_client_certificate, is_read_again_for_each_connection) {
    demand();
    auto o = with(ca_.issue({.common_name = "before"}));
    o.reconnect = 5;
    ASSERT_TRUE(connects(o));
    with(ca_.issue({.common_name = "after"}));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    const auto seen = front_->handshakes(2);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0].client, "before");
    EXPECT_EQ(seen[1].client, "after");
}

TEST_F(tls_client_certificate, its_key_may_be_encrypted) {
    demand();
    auto o = with(ca_.issue({.common_name = "safe", .key_password = "open sesame"}));
    o.ssl_opts.key_password = "open sesame";
    EXPECT_TRUE(connects(o));
}

TEST_F(tls_client_certificate, the_password_of_its_key_may_come_from_a_callback) {
    demand();
    auto o = with(ca_.issue({.common_name = "safe", .key_password = "open sesame"}));
    o.ssl_opts.key_password_callback = [] { return std::string{"open sesame"}; };
    EXPECT_TRUE(connects(o));
}

std::string faults_of(const client_options& o) {
    std::string text;
    for (const auto& f : check(o, "config."))
        text += f.path + " = " + f.value + ": " + f.allowed + "\n";
    return text;
}

TEST_F(tls_client_certificate, a_key_of_another_certificate_is_a_fault_of_the_options) {
    demand();
    auto own = ca_.issue({});
    own.key = ca_.issue({}).key;
    EXPECT_THAT(faults_of(with(own)), HasSubstr("config.ssl_opts.keyfile"));
}

TEST_F(tls_client_certificate, a_wrong_password_is_a_fault_of_the_options_and_not_repeated) {
    demand();
    auto o = with(ca_.issue({.key_password = "open sesame"}));
    o.ssl_opts.key_password = "let me in";
    const auto faults = faults_of(o);
    EXPECT_THAT(faults, HasSubstr("config.ssl_opts.keyfile"));
    EXPECT_THAT(faults, ::testing::Not(HasSubstr("let me in")));
}

TEST_F(tls, files_that_cannot_be_read_are_faults_of_the_options) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.cacertfile = "/nowhere/ca.pem";
    o.ssl_opts.certfile = "/nowhere/cert.pem";
    o.ssl_opts.ca_path = "/nowhere";
    o.ssl_opts.ciphers = "NO SUCH THING";
    o.ssl_opts.ciphersuites = "nothing";
    o.ssl_opts.psk_key = "abc";
    const auto faults = faults_of(o);
    for (const auto* option :
         {"cacertfile", "certfile", "ca_path", "ciphers", "ciphersuites", "psk_identity"})
        EXPECT_THAT(faults, HasSubstr("config.ssl_opts." + std::string(option) + " = ")) << option;
}

TEST_F(tls, its_options_without_tls_are_a_fault) {
    client_options o;
    o.ssl_opts.verify = tls_verify::verify_none;
    EXPECT_THAT(faults_of(o), HasSubstr("config.ssl_opts"));
}

TEST_F(tls, a_file_that_has_gone_since_ends_the_attempt_and_not_the_client) {
    const temp_folder folder;
    write_file(folder.file("ca.pem"), ca_.certificate());
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.ca_data.clear();
    o.ssl_opts.cacertfile = folder.file("ca.pem");
    o.reconnect = 100;
    ASSERT_TRUE(connects(o));
    write_file(folder.file("ca.pem"), "");
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.failures.empty(); }));
    EXPECT_EQ(observer_.seen().failures[0].reason.code, errc::option_invalid);
    EXPECT_THAT(observer_.seen().failures[0].reason.detail, HasSubstr("ssl_opts.cacertfile"));
    write_file(folder.file("ca.pem"), ca_.certificate());
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
}

// ---- sessions, shared keys, phases

TEST_F(tls, a_reconnect_takes_up_the_session) {
    serve(for_this_address);
    auto o = options();
    o.reconnect = 5;
    ASSERT_TRUE(connects(o));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    const auto seen = front_->handshakes(2);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_FALSE(seen[0].resumed);
    EXPECT_TRUE(seen[1].resumed);
}

TEST_F(tls, taking_up_sessions_can_be_turned_off) {
    serve(for_this_address);
    auto o = options();
    o.reconnect = 5;
    o.ssl_opts.session_resumption = false;
    ASSERT_TRUE(connects(o));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    EXPECT_FALSE(front_->handshakes(2).at(1).resumed);
}

TEST_F(tls, a_shared_key_stands_for_certificates) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        serve({.psk_identity = "device", .psk_key = "\x12\x34\x56\x78", .max_version = version});
        auto o = options();
        o.ssl_opts.ca_data.clear();
        o.ssl_opts.psk_identity = "device";
        o.ssl_opts.psk_key = "12345678";
        if (version == TLS1_2_VERSION) o.ssl_opts.ciphers = "PSK";
        EXPECT_TRUE(connects(o)) << version;
        client_.reset();
    }
}

TEST_F(tls, the_keys_can_be_written_down_for_debugging) {
    serve(for_this_address);
    const temp_folder folder;
    auto o = options();
    o.ssl_opts.keylog_file = folder.file("keys");
    ASSERT_TRUE(connects(o));
    EXPECT_THAT(weir::testing::read_file(folder.file("keys")), HasSubstr("CLIENT_TRAFFIC_SECRET_0"));
}

TEST_F(tls, a_server_that_is_silent_times_out_in_its_phase) {
    test_broker silent{{conversation{}.run("silence", [](auto& c) { c.stall(5s); })}};
    auto o = quick_options(silent.port());
    o.host = "mqtts://127.0.0.1";
    o.connect_timeout = 300ms;
    o.reconnect = 0;
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_THAT(reason.detail, StartsWith("tls: "));
}

TEST_F(tls, a_server_without_tls_is_tls_failed) {
    test_broker plain{
        {conversation{}.send_raw("HTTP/1.1 400 Bad Request\r\n\r\n").run("silence", [](auto& c) {
            c.stall(5s);
        })}};
    auto o = quick_options(plain.port());
    o.ssl = true;
    o.reconnect = 0;
    EXPECT_EQ(failure_of(o).code, errc::tls_failed);
}

TEST_F(tls, the_time_of_each_step_is_kept) {
    serve(for_localhost);
    ASSERT_TRUE(connects(at_localhost(options())));
    client_->subscribe({{.filter = "a"}});
    ASSERT_TRUE(broker_.wait_for([](const auto& c) { return c.subscribes == 1; }));
    const auto limit = clock::now() + 5s;
    while (!client_->timings().suback && clock::now() < limit)
        std::this_thread::yield();
    const auto t = client_->timings();
    ASSERT_TRUE(t.start && t.resolved && t.tcp && t.tls && t.connack && t.suback);
    EXPECT_FALSE(t.websocket);
    EXPECT_LE(*t.resolved, *t.tcp);
    EXPECT_LT(*t.tcp, *t.tls);
    EXPECT_LT(*t.tls, *t.connack);
    EXPECT_LE(*t.connack, *t.suback);
}

} // namespace
} // namespace weir::mqtt
