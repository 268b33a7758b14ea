// Why a connection over TLS does not come about, as a pipeline tells it.
#include "fronts/tls_front.hpp"
#include "producer_fixture.hpp"

#include <weir/connector/events.hpp>

#include <mutex>
#include <optional>
#include <string>

namespace weir::connector {
namespace {

using mqtt::fronts::tls_front;
using ::testing::StartsWith;
using weir::testing::certificate_authority;
using weir::testing::certificate_request;

class tls_reasons : public producer_test {
  protected:
    struct failure {
        error reason{};
        std::string phase{};
    };

    tls_reasons() {
        options.config.ssl = true;
        options.config.ssl_opts.ca_data = ca_.certificate();
        bus->attach<events::connection_attempt_failed>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            if (!seen_) seen_ = {e.reason, std::string(e.phase)};
        });
    }

    ~tls_reasons() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    [[nodiscard]] failure failure_with(const certificate_request& request) {
        follow({ready()});
        front_.emplace(broker_->port(), tls_front::settings{.own = ca_.issue(request)});
        port = front_->port();
        start();
        EXPECT_TRUE(eventually([&] { return seen().has_value(); }));
        return seen().value_or(failure{});
    }

    [[nodiscard]] std::optional<failure> seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    certificate_authority ca_;

  private:
    std::optional<tls_front> front_;
    std::mutex mutex_;
    std::optional<failure> seen_;
};

TEST_F(tls_reasons, of_a_certificate_that_is_not_trusted) {
    options.config.ssl_opts.ca_data = certificate_authority{"Another CA"}.certificate();
    const auto seen = failure_with({.names = {"IP:127.0.0.1"}});
    EXPECT_EQ(seen.reason.code, mqtt::errc::tls_verify_failed);
    EXPECT_THAT(seen.reason.detail, StartsWith("unknown_ca"));
    EXPECT_EQ(seen.phase, "tls");
}

TEST_F(tls_reasons, of_a_certificate_for_another_name) {
    const auto seen = failure_with({.names = {"DNS:elsewhere.example"}});
    EXPECT_EQ(seen.reason.code, mqtt::errc::tls_verify_failed);
    EXPECT_THAT(seen.reason.detail, StartsWith("name_mismatch"));
}

TEST_F(tls_reasons, of_a_certificate_that_has_expired) {
    const auto seen = failure_with({.names = {"IP:127.0.0.1"}, .valid_from = -7'200, .valid_until = -3'600});
    EXPECT_EQ(seen.reason.code, mqtt::errc::tls_verify_failed);
    EXPECT_THAT(seen.reason.detail, StartsWith("expired"));
}

} // namespace
} // namespace weir::connector
