#include "tls_fixture.hpp"

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

TEST_F(tls, a_server_that_is_too_old_is_refused) {
    serve({.own = ca_.issue(for_this_address), .max_version = TLS1_2_VERSION});
    auto o = options();
    o.ssl_opts.min_version = tls_version::v1_3;
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, HasSubstr("protocol_version"));
}

TEST_F(tls, the_newest_version_can_be_bounded) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.max_version = tls_version::v1_2;
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->handshakes(1).at(0).version, "TLSv1.2");
}

TEST_F(tls, a_cipher_of_tls_1_2_can_be_chosen) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.max_version = tls_version::v1_2;
    o.ssl_opts.ciphers = "ECDHE+AES256:!SHA1:!SHA384";
    ASSERT_TRUE(connects(o));
    const auto seen = front_->handshakes(1).at(0);
    EXPECT_EQ(seen.version, "TLSv1.2");
    EXPECT_THAT(seen.cipher, HasSubstr("AES256"));
}

TEST_F(tls, a_cipher_of_tls_1_3_can_be_chosen) {
    serve(for_this_address);
    const std::vector<std::string> suites{"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"};
    for (std::size_t n = 1; n <= suites.size(); ++n) {
        auto o = options();
        o.ssl_opts.min_version = tls_version::v1_3;
        o.ssl_opts.ciphersuites = suites[n - 1];
        start(o);
        ASSERT_TRUE(observer_.wait_for([n](const auto& r) { return r.ready == n; }));
        EXPECT_EQ(front_->handshakes(n).back().cipher, suites[n - 1]);
    }
}

TEST_F(tls, without_a_common_cipher_the_server_says_so_by_its_alert) {
    serve({.own = ca_.issue(for_this_address), .ciphers = "ECDHE+AES256", .max_version = TLS1_2_VERSION});
    auto o = options();
    o.ssl_opts.ciphers = "ECDHE+AES128";
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::tls_failed);
    EXPECT_THAT(reason.detail, StartsWith("handshake_failure: "));
}

TEST_F(tls, ciphers_that_openssl_does_not_know_are_faults_of_the_options) {
    serve(for_this_address);
    auto o = options();
    o.ssl_opts.ciphers = "ROT13";
    const auto of_1_2 = check(o);
    ASSERT_EQ(of_1_2.size(), 1u);
    EXPECT_EQ(of_1_2[0].path, "ssl_opts.ciphers");
    o.ssl_opts.ciphers.clear();
    o.ssl_opts.ciphersuites = "TLS_ROT13";
    const auto of_1_3 = check(o);
    ASSERT_EQ(of_1_3.size(), 1u);
    EXPECT_EQ(of_1_3[0].path, "ssl_opts.ciphersuites");
}

} // namespace
} // namespace weir::mqtt
