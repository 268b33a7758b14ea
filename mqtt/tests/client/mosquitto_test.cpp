// The same ways to a real broker.
#include "client_fixture.hpp"
#include "support/certificates.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <optional>

namespace weir::mqtt {
namespace {

using weir::testing::certificate_authority;
using weir::testing::free_port;
using weir::testing::mosquitto;
using weir::testing::temp_folder;
using weir::testing::write_file;

class mosquitto_over : public client_test {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        const auto own = ca_.issue({.names = {"DNS:localhost", "IP:127.0.0.1"}});
        write_file(folder_.file("ca.pem"), ca_.certificate());
        write_file(folder_.file("cert.pem"), own.certificate);
        write_file(folder_.file("key.pem"), own.key);
        broker_.emplace(
            listener(tls_port_, "") + listener(mutual_port_, "require_certificate true\n") + "listener " +
            std::to_string(ws_port_) + " 127.0.0.1\nprotocol websockets\n" +
            listener(wss_port_, "protocol websockets\n") + "listener 0 " + socket_file() + '\n');
        // It opens them in their order and answers on the first one before it has the others.
        ASSERT_TRUE(weir::testing::eventually([this] { return std::filesystem::exists(socket_file()); }));
    }

    [[nodiscard]] std::string listener(std::uint16_t port, const std::string& more) const {
        return "listener " + std::to_string(port) + " 127.0.0.1\ncafile " + folder_.file("ca.pem") +
               "\ncertfile " + folder_.file("cert.pem") + "\nkeyfile " + folder_.file("key.pem") + '\n' +
               more;
    }

    [[nodiscard]] std::string socket_file() const { return folder_.file("broker.sock"); }

    [[nodiscard]] client_options options(const std::string& uri) const {
        auto o = quick_options(0);
        o.host = uri;
        if (uri.starts_with("mqtts") || uri.starts_with("wss"))
            o.ssl_opts.cacertfile = folder_.file("ca.pem");
        return o;
    }

    void exchange_messages(client_options o) {
        start(std::move(o));
        client_->subscribe({{.filter = "a", .qos = qos::exactly_once}});
        for (const auto level : {qos::at_most_once, qos::at_least_once, qos::exactly_once})
            client_->publish(message("a", std::string(50'000, 'x'), level));
        ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 3; }))
            << broker_->log();
        client_->stop();
        EXPECT_EQ(observer_.seen().downs.at(0).reason.code, errc::local_close);
    }

    static std::string place(std::uint16_t port) { return "localhost:" + std::to_string(port); }

    certificate_authority ca_;
    temp_folder folder_;
    std::uint16_t tls_port_{free_port()};
    std::uint16_t mutual_port_{free_port()};
    std::uint16_t ws_port_{free_port()};
    std::uint16_t wss_port_{free_port()};
    std::optional<mosquitto> broker_;
};

TEST_F(mosquitto_over, tls) {
    exchange_messages(options("mqtts://" + place(tls_port_)));
}

TEST_F(mosquitto_over, tls_with_a_client_certificate) {
    const auto own = ca_.issue({.common_name = "device"});
    auto o = options("mqtts://" + place(mutual_port_));
    o.ssl_opts.cert_data = own.certificate;
    o.ssl_opts.key_data = own.key;
    exchange_messages(o);
}

TEST_F(mosquitto_over, tls_without_the_client_certificate_it_demands) {
    auto o = options("mqtts://" + place(mutual_port_));
    o.reconnect = 0;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    const auto reason = observer_.seen().failures.at(0).reason;
    EXPECT_EQ(reason.code, errc::tls_failed) << reason.message();
}

TEST_F(mosquitto_over, websocket) {
    exchange_messages(options("ws://" + place(ws_port_) + "/mqtt"));
}

TEST_F(mosquitto_over, secure_websocket) {
    exchange_messages(options("wss://" + place(wss_port_) + "/mqtt"));
}

TEST_F(mosquitto_over, a_socket_file) {
    exchange_messages(options("unix://" + socket_file()));
}

/// It closes the older connection and does not say why, so that neither client can know that it is useless to
/// come back.
TEST_F(mosquitto_over, two_clients_with_one_id_drive_each_other_out_ever_more_rarely) {
    auto o = options("mqtt://" + place(broker_->port()));
    o.clientid = "one";
    o.backoff_min = 50ms;
    o.backoff_max = 10s;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    recording_observer second;
    client other{lane_, o, second};
    other.start();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.downs.size() >= 3; }));
    client_->stop();
    other.stop();
    const auto downs = observer_.seen().downs;
    EXPECT_GE(downs[1].retry_in, downs[0].retry_in);
    EXPECT_GE(downs[2].retry_in, downs[1].retry_in);
    EXPECT_GE(downs[2].retry_in, 100ms);
}

class low_mem_over : public mosquitto_over {
  protected:
    void exchange_messages_over(const std::string& uri) {
        auto o = options(uri);
        o.low_mem = true;
        exchange_messages(std::move(o));
    }
};

TEST_F(low_mem_over, tcp) {
    exchange_messages_over("mqtt://" + place(broker_->port()));
}

TEST_F(low_mem_over, tls) {
    exchange_messages_over("mqtts://" + place(tls_port_));
}

TEST_F(low_mem_over, websocket) {
    exchange_messages_over("ws://" + place(ws_port_) + "/mqtt");
}

TEST_F(low_mem_over, secure_websocket) {
    exchange_messages_over("wss://" + place(wss_port_) + "/mqtt");
}

TEST_F(low_mem_over, a_socket_file) {
    exchange_messages_over("unix://" + socket_file());
}

} // namespace
} // namespace weir::mqtt
