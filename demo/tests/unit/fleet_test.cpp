#include "fleet/fleet.hpp"
#include "fleet/ledger.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;
constexpr system_time_point noon{std::chrono::seconds{1'790'000'000}};

std::vector<report> reports_of(std::size_t vehicles, duration span) {
    const time_point start{1h};
    fleet f(vehicles, 1, start);
    std::vector<report> all;
    f.report_until(start + span, noon, [&](report r) { all.push_back(std::move(r)); });
    return all;
}

double mean(const std::vector<report>& all, std::size_t (*measure)(const report&)) {
    double sum = 0;
    for (const auto& r : all)
        sum += static_cast<double>(measure(r));
    return sum / static_cast<double>(all.size());
}

TEST(Fleet, EveryVehicleReportsOncePerSecondInSequence) {
    std::map<std::uint32_t, std::uint32_t> last;
    for (const auto& r : reports_of(50, 10s))
        EXPECT_EQ(r.id.sequence, ++last[r.id.vehicle]);
    ASSERT_EQ(last.size(), 50U);
    for (const auto& [vehicle, count] : last)
        EXPECT_NEAR(count, 10, 1) << vehicle;
}

TEST(Fleet, HasTheShapeOfTheFeedItImitates) {
    const auto all = reports_of(500, 20s);
    EXPECT_NEAR(mean(all, [](const report& r) { return r.topic.size(); }), 94, 6);
    EXPECT_NEAR(mean(all, [](const report& r) { return r.payload.size(); }), 300, 25);
    for (const auto& r : all)
        ASSERT_EQ(std::count(r.topic.begin(), r.topic.end(), '/'), 18) << r.topic;
}

TEST(Fleet, TheSameSeedGivesTheSameFleet) {
    const auto once = reports_of(5, 3s);
    const auto again = reports_of(5, 3s);
    ASSERT_EQ(once.size(), again.size());
    for (std::size_t i = 0; i < once.size(); ++i)
        EXPECT_EQ(once[i].payload, again[i].payload);
}

TEST(Identity, IsFoundInEveryPayload) {
    for (const auto& r : reports_of(20, 3s))
        EXPECT_EQ(identity_of(r.payload), r.id);
}

TEST(Identity, IsNotSeenWhereItIsNot) {
    EXPECT_EQ(identity_of(""), std::nullopt);
    EXPECT_EQ(identity_of(R"({"veh":12})"), std::nullopt);
    EXPECT_EQ(identity_of(R"({"veh":x,"seq":1})"), std::nullopt);
}

TEST(Ledger, ReadsBackWhatWasWritten) {
    const std::string path = testing::TempDir() + "fleet_test.ledger";
    const std::vector<ledger_entry> entries{
        {.id = {7, 1}, .published = time_point{5s}}, {.id = {8, 2}, .published = time_point{6us}}};
    ledger_writer writer(path);
    for (const auto& e : entries)
        writer.add(e);
    writer.flush();
    EXPECT_EQ(read_ledger(path).value(), entries);
}

TEST(Ledger, ReportsAMissingOrForeignFile) {
    EXPECT_FALSE(read_ledger(testing::TempDir() + "no/such/ledger"));
    const std::string path = testing::TempDir() + "foreign.ledger";
    std::ofstream(path) << "hello\n";
    const auto read = read_ledger(path);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message(), testing::HasSubstr("hello"));
}

} // namespace
} // namespace weir::demo
