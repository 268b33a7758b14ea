#include "support/certificates.hpp"
#include "transport/tls_context.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using weir::testing::certificate_authority;

class sharing_tls_contexts : public ::testing::Test {
  protected:
    static tls_context shared(const tls_options& options) {
        auto made = share_tls_context(make_tls_context(options, purpose::connect));
        EXPECT_TRUE(made.faults.empty());
        return made;
    }

    const certificate_authority ca_;
    const weir::testing::credentials own_{ca_.issue({.common_name = "device"})};
};

TEST_F(sharing_tls_contexts, gives_equal_ones_the_same) {
    const tls_options o{.ca_data = ca_.certificate(), .cert_data = own_.certificate, .key_data = own_.key};
    const auto first = shared(o);
    EXPECT_EQ(shared(o).native, first.native);
}

TEST_F(sharing_tls_contexts, keeps_apart_what_differs) {
    const tls_options plain{.ca_data = ca_.certificate()};
    const auto first = shared(plain);
    auto other = plain;
    other.ca_data += certificate_authority{"another"}.certificate();
    EXPECT_NE(shared(other).native, first.native);
    other = plain;
    other.min_version = tls_version::v1_3;
    EXPECT_NE(shared(other).native, first.native);
    other = plain;
    other.alpn = {"mqtt"};
    EXPECT_NE(shared(other).native, first.native);
    other = plain;
    other.ciphers = "ECDHE+AESGCM";
    EXPECT_NE(shared(other).native, first.native);
    other = plain;
    other.session_resumption = false;
    EXPECT_NE(shared(other).native, first.native);
    other = plain;
    other.cert_data = own_.certificate;
    other.key_data = own_.key;
    EXPECT_NE(shared(other).native, first.native);
}

TEST_F(sharing_tls_contexts, leaves_alone_what_openssl_reads_when_it_needs_it) {
    const tls_options system{};
    const auto one = shared(system);
    EXPECT_NE(shared(system).native, one.native);
    const tls_options folder{.ca_path = "/"};
    const auto first = shared(folder);
    EXPECT_NE(shared(folder).native, first.native);
}

} // namespace
} // namespace weir::mqtt
