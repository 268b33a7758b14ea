#include "conductor/audit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

ledger_entry sent(std::uint32_t sequence, duration at) {
    return {.id = {1, sequence}, .published = time_point{at}};
}

identity message(std::uint32_t sequence) {
    return {1, sequence};
}

TEST(Audit, FindsNothingLostWhenAllIsStored) {
    audit a;
    a.add_published(sent(1, 1s));
    a.add_row(1, message(1));
    a.add_row(2, message(2)); // stored before the ledger was read
    a.add_published(sent(2, 2s));
    const auto r = a.result(std::vector<commit_sample>{{.last_row = 2, .at = time_point{3s}}});
    EXPECT_EQ(r.published, 2U);
    EXPECT_EQ(r.stored, 2U);
    EXPECT_EQ(r.lost, 0U);
    EXPECT_EQ(r.duplicates, 0U);
    EXPECT_EQ(r.messages_per_second(), 1.0);
}

TEST(Audit, CountsWhatWasPublishedAndIsNotStored) {
    audit a;
    for (std::uint32_t n = 1; n <= 5; ++n)
        a.add_published(sent(n, 1s));
    a.add_row(1, message(2));
    EXPECT_EQ(a.missing(), 4U);
    EXPECT_EQ(a.result({}).lost, 4U);
}

TEST(Audit, CountsRowsBeyondTheFirstOfAMessage) {
    audit a;
    a.add_published(sent(1, 1s));
    a.add_row(1, message(1));
    a.add_row(2, message(1));
    a.add_row(3, message(1));
    EXPECT_EQ(a.result({}).duplicates, 2U);
    EXPECT_EQ(a.result({}).lost, 0U);
}

TEST(Audit, TakesAStoredMessageThatWasNeverConfirmedForNeitherLostNorDouble) {
    audit a;
    a.add_row(1, message(9));
    const auto r = a.result({});
    EXPECT_EQ(r.lost, 0U);
    EXPECT_EQ(r.duplicates, 0U);
    EXPECT_EQ(r.distinct, 1U);
}

TEST(Audit, CountsForeignRowsApart) {
    audit a;
    a.add_row(1, std::nullopt);
    EXPECT_EQ(a.result({}).unknown, 1U);
    EXPECT_EQ(a.result({}).duplicates, 0U);
}

TEST(Audit, MeasuresFromPublishToTheFirstSampleThatHasTheRow) {
    audit a;
    std::vector<commit_sample> commits;
    for (std::uint32_t n = 1; n <= 101; ++n) {
        a.add_published(sent(n, 0s));
        a.add_row(n, message(n));
        commits.push_back({.last_row = n, .at = time_point{std::chrono::milliseconds{n}}});
    }
    const auto r = a.result(commits);
    EXPECT_EQ(r.p50, 51ms);
    EXPECT_EQ(r.p99, 100ms);
}

TEST(CommitSamples, ARowBelongsToTheFirstSampleThatReachesIt) {
    const std::vector<commit_sample> samples{{.last_row = 10, .at = {}}, {.last_row = 20, .at = {}}};
    EXPECT_EQ(first_sample_with(samples, 1), &samples[0]);
    EXPECT_EQ(first_sample_with(samples, 10), &samples[0]);
    EXPECT_EQ(first_sample_with(samples, 11), &samples[1]);
    EXPECT_EQ(first_sample_with(samples, 21), nullptr);
}

} // namespace
} // namespace weir::demo
