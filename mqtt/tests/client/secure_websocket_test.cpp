// What TLS promises holds with a WebSocket above it as well.
#include "client_fixture.hpp"
#include "fronts/tls_front.hpp"
#include "fronts/websocket_front.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <functional>
#include <optional>

namespace weir::mqtt {
namespace {

using fronts::tls_front;
using fronts::websocket_front;
using weir::testing::certificate_authority;
using weir::testing::certificate_request;

/// The server's certificate, what the client is told, and what must come of it.
struct trust_case {
    std::string name;
    certificate_request server;
    std::function<void(client_options&, const certificate_authority&)> told;
    std::string failure{}; ///< how the reason begins; empty: it connects
    tls_front::settings how{};
    bool demands_certificate{false};
};

void nothing(client_options&, const certificate_authority&) {}

void at_address(client_options& o, const certificate_authority&) {
    o.host.replace(o.host.find("localhost"), 9, "127.0.0.1");
}

void knows_another_authority(client_options& o, const certificate_authority&) {
    o.ssl_opts.ca_data = certificate_authority{"Another CA"}.certificate();
}

void asks_for(client_options& o, const std::string& name) {
    o.ssl_opts.server_name_indication = name;
}

std::vector<trust_case> trust_cases() {
    const certificate_request right{.names = {"DNS:localhost"}};
    const certificate_request other{.names = {"DNS:other.example"}};
    const certificate_request wildcard{.names = {"DNS:*.example.com"}};
    const auto asking_for = [](const std::string& name) {
        return [name](client_options& o, const certificate_authority&) { asks_for(o, name); };
    };
    return {
        {"the_right_one", right, nothing},
        {"of_a_stranger", right, knows_another_authority, "unknown_ca: "},
        {"expired",
         {.names = {"DNS:localhost"}, .valid_from = -7'200, .valid_until = -60},
         nothing,
         "expired: "},
        {"of_tomorrow", {.names = {"DNS:localhost"}, .valid_from = 3'600}, nothing, "not_yet_valid: "},
        {"of_another_host", other, nothing, "name_mismatch: "},
        {"of_the_address", {.names = {"IP:127.0.0.1"}}, at_address},
        {"of_another_address", {.names = {"IP:127.0.0.2", "DNS:localhost"}}, at_address, "name_mismatch: "},
        {"with_a_common_name_alone", {.common_name = "localhost"}, nothing},
        {"with_a_common_name_beside_others",
         {.common_name = "localhost", .names = {"IP:127.0.0.1"}},
         nothing,
         "name_mismatch: "},
        {"with_a_wildcard", wildcard, asking_for("broker.example.com")},
        {"with_a_wildcard_for_two_labels", wildcard, asking_for("a.broker.example.com"), "name_mismatch: "},
        {"of_another_host_that_may_be", other,
         [](client_options& o, const certificate_authority&) { o.ssl_opts.verify_host = false; }},
        {"of_anybody", other,
         [](client_options& o, const certificate_authority&) {
             o.ssl_opts.ca_data.clear();
             o.ssl_opts.verify = tls_verify::verify_none;
         }},
        {.name = "and_the_clients_own",
         .server = right,
         .told =
             [](client_options& o, const certificate_authority& ca) {
                 const auto own = ca.issue({.common_name = "device"});
                 o.ssl_opts.cert_data = own.certificate;
                 o.ssl_opts.key_data = own.key;
             },
         .demands_certificate = true},
        {.name = "without_the_clients_own",
         .server = right,
         .told = nothing,
         .failure = "certificate_required: ",
         .demands_certificate = true},
        {.name = "of_a_server_too_old",
         .server = right,
         .told = [](client_options& o,
                    const certificate_authority&) { o.ssl_opts.min_version = tls_version::v1_3; },
         .failure = "protocol_version",
         .how = {.max_version = TLS1_2_VERSION}}};
}

class certificate_over_websocket : public client_test, public ::testing::WithParamInterface<trust_case> {
  protected:
    void serve() {
        auto how = GetParam().how;
        how.own = ca_.issue(GetParam().server);
        if (GetParam().demands_certificate) how.client_ca = ca_.certificate();
        websocket_.emplace(broker_.port());
        tls_.emplace(websocket_->port(), how);
    }

    [[nodiscard]] client_options options() const {
        auto o = quick_options(0);
        o.host = "wss://localhost:" + std::to_string(tls_->port()) + "/mqtt";
        o.ssl_opts.ca_data = ca_.certificate();
        o.reconnect = 0;
        GetParam().told(o, ca_);
        return o;
    }

    certificate_authority ca_;
    accepting_broker broker_;
    std::optional<websocket_front> websocket_;
    std::optional<tls_front> tls_;
};

TEST_P(certificate_over_websocket, decides_as_without) {
    serve();
    const auto reason = failure_of(options());
    if (GetParam().failure.empty()) {
        EXPECT_FALSE(reason) << reason.message();
        EXPECT_EQ(broker_.stats().connects, 1u);
        return;
    }
    const bool by_alert = GetParam().demands_certificate || GetParam().how.max_version != 0;
    EXPECT_EQ(reason.code, by_alert ? errc::tls_failed : errc::tls_verify_failed) << reason.message();
    EXPECT_THAT(reason.detail, ::testing::HasSubstr(GetParam().failure));
    EXPECT_EQ(broker_.stats().connects, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    trust, certificate_over_websocket, ::testing::ValuesIn(trust_cases()),
    [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace weir::mqtt
