#include <weir/mqtt/auth/scram.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

constexpr auto nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr auto server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

auth_message message(std::string data) {
    return {.data = std::move(data)};
}

struct vector {
    scram_hash hash;
    const char* method;
    const char* proof;
    const char* signature;
};

class scram : public testing::TestWithParam<vector> {
  protected:
    std::unique_ptr<authenticator> client = make_scram(GetParam().hash, "user", "pencil", nonce);
};

INSTANTIATE_TEST_SUITE_P(
    hashes, scram,
    testing::Values(
        // RFC 7677, 3
        vector{
            scram_hash::sha_256, "SCRAM-SHA-256",
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
        // the same conversation, computed by another implementation
        vector{
            scram_hash::sha_512, "SCRAM-SHA-512",
            "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
            "ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="}),
    [](const auto& tested) { return tested.param.hash == scram_hash::sha_256 ? "sha_256" : "sha_512"; });

TEST_P(scram, follows_the_vector) {
    EXPECT_EQ(client->method(), GetParam().method);
    EXPECT_EQ(scram_hash_named(GetParam().method), GetParam().hash);
    EXPECT_EQ(client->start().value().data, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    EXPECT_EQ(
        client->step(message(server_first)).value().data,
        std::string("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=") + GetParam().proof);
    EXPECT_FALSE(client->finish(message(std::string("v=") + GetParam().signature)));
}

TEST_P(scram, a_server_that_does_not_know_the_password_is_found_out) {
    ASSERT_TRUE(client->step(message(server_first)));
    std::string wrong = GetParam().signature;
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    for (const auto& last : {"v=" + wrong, std::string("v="), std::string("v=6rri"), std::string()})
        EXPECT_EQ(client->finish(message(last)), error{errc::auth_failed}) << last;
    EXPECT_EQ(client->finish({}), error{errc::auth_failed});
}

TEST_P(scram, a_server_may_not_be_content_without_a_proof) {
    EXPECT_EQ(client->finish(message(std::string("v=") + GetParam().signature)), error{errc::auth_failed});
}

TEST_P(scram, bad_challenges_are_refused) {
    for (const std::string bad :
         {"", "r=rOprNGfwEbeRWgbNEkqOx", "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
          "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22,i=4096",
          "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
          "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=10000001",
          "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x",
          "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999999999",
          "s=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096", "m=ext,r=rOprNGfwEbeRWgbNEkqOx"})
        EXPECT_FALSE(client->step(message(bad))) << bad;
    EXPECT_FALSE(client->step({}));
}

TEST_P(scram, a_second_challenge_is_refused) {
    ASSERT_TRUE(client->step(message(server_first)));
    EXPECT_FALSE(client->step(message(server_first)));
}

TEST(scram_names, are_escaped_and_nonces_differ) {
    const auto first = [](const std::string& name) {
        return *make_scram(scram_hash::sha_256, name, "p")->start().value().data;
    };
    EXPECT_TRUE(first("a,b=c").starts_with("n,,n=a=2Cb=3Dc,r="));
    EXPECT_NE(first("u"), first("u"));
    EXPECT_EQ(scram_hash_named("SCRAM-SHA-1"), std::nullopt);
}

} // namespace
} // namespace weir::mqtt
