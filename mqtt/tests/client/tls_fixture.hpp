#pragma once

#include "client_fixture.hpp"
#include "fronts/tls_front.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <utility>

namespace weir::mqtt {

using fronts::tls_front;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using weir::testing::certificate_authority;
using weir::testing::certificate_request;

/// A broker behind TLS whose certificate the test chooses.
class tls : public client_test {
  protected:
    void serve(const certificate_request& request) { serve({.own = ca_.issue(request)}); }

    void serve(tls_front::settings how) { front_.emplace(broker_.port(), std::move(how)); }

    [[nodiscard]] client_options options() const {
        auto o = quick_options(front_->port());
        o.ssl = true;
        o.ssl_opts.ca_data = ca_.certificate();
        o.reconnect = 0;
        return o;
    }

    certificate_authority ca_;
    accepting_broker broker_;
    std::optional<tls_front> front_;
};

inline const certificate_request for_this_address{.names = {"IP:127.0.0.1"}};
inline const certificate_request for_localhost{.names = {"DNS:localhost"}};

inline client_options at_localhost(client_options o) {
    o.host = "localhost";
    return o;
}

} // namespace weir::mqtt
