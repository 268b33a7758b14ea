#include "support/faulty_vfs.hpp"
#include "support/store_directory.hpp"

#include <weir/mqtt/store/session_store.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What a disk does to a store.
namespace weir::mqtt {
namespace {

using kind = stored_record::kind;
using test::faulty_vfs;
using test::store_directory;

using state = std::map<std::pair<kind, std::uint64_t>, stored_record>;

/// Step n of a fixed history: puts, replacements and erasures of small and large records.
std::vector<store_change> step(std::uint64_t n) {
    const auto text = bytes::copy(std::to_string(n));
    std::vector<store_change> changes;
    changes.push_back(
        {{kind::message, n, text, bytes::copy(std::string(n % 3 == 0 ? 9'000 : 50, 'p'))}, false});
    changes.push_back({{kind::session, 0, text, {}}, false});
    if (n >= 2) changes.push_back({{kind::message, n - 2, {}, {}}, true});
    return changes;
}

void make(const std::vector<store_change>& changes, state& to) {
    for (const auto& c : changes)
        if (c.erase)
            to.erase({c.record.what, c.record.key});
        else
            to[{c.record.what, c.record.key}] = c.record;
}

state state_of(const store_content& content) {
    state s;
    for (const auto& r : content.records)
        s[{r.what, r.key}] = r;
    return s;
}

constexpr std::uint64_t steps = 12;

/// Runs the history, repeating a step that failed as the session does. Returns what is acknowledged.
state run_history(session_store& s, faulty_vfs& disk, bool& failed) {
    state durable;
    for (std::uint64_t n = 0; n < steps; ++n) {
        const auto changes = step(n);
        auto written = s.write(changes);
        if (!written) {
            failed = true;
            EXPECT_THAT(
                written.error().code, testing::AnyOf(errc::io_error, errc::store_full, errc::store_corrupt));
            disk.heal();
            written = s.write(changes);
            EXPECT_TRUE(written) << written.error().message();
        }
        make(changes, durable);
    }
    return durable;
}

class failing_disk : public ::testing::TestWithParam<int> {};

TEST_P(failing_disk, one_fault_at_any_call_loses_nothing_and_heals) {
    for (int n = 1;; ++n) {
        const store_directory dir;
        faulty_vfs disk;
        bool failed = false;
        disk.fail(n, GetParam());
        const auto s = make_sqlite_store(dir.options());
        if (auto content = s->open(); !content) {
            failed = true;
            disk.heal();
            content = s->open();
            ASSERT_TRUE(content) << "call " << n << ": " << content.error().message();
        }
        const auto durable = run_history(*s, disk, failed);
        disk.heal();
        s->close();
        const auto content = s->open();
        ASSERT_TRUE(content) << "call " << n << ": " << content.error().message();
        ASSERT_EQ(state_of(*content), durable) << "call " << n;
        s->close();
        if (!failed && n > disk.calls()) break;
        ASSERT_LT(n, 10'000);
    }
}

INSTANTIATE_TEST_SUITE_P(
    sqlite_store, failing_disk, ::testing::Values(SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_FULL));

TEST(failing_disk, that_stays_full_refuses_and_recovers_without_a_restart) {
    const store_directory dir;
    faulty_vfs disk;
    const auto s = make_sqlite_store(dir.options());
    ASSERT_TRUE(s->open());
    ASSERT_TRUE(s->write(step(0)));
    disk.fail(1, SQLITE_FULL, true);
    for (int i = 0; i < 5; ++i) {
        const auto refused = s->write(step(1));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::store_full) << refused.error().message();
    }
    disk.heal();
    EXPECT_TRUE(s->write(step(1)));
}

/// Power is lost after each write: whatever was acknowledged is there, and the store is sound.
TEST(power_cut, after_any_write_everything_acknowledged_is_there) {
    const store_directory dir;
    faulty_vfs disk;
    const auto s = make_sqlite_store(dir.options());
    ASSERT_TRUE(s->open());
    state durable;
    for (std::uint64_t n = 0; n < 400; ++n) { // so that the log is carried over into the database too
        ASSERT_TRUE(s->write(step(n)));
        make(step(n), durable);
        if (n > 20 && n % 10 != 0) continue;
        const store_directory after;
        disk.cut_power(after.path());
        const auto other = make_sqlite_store(after.options());
        const auto content = other->open();
        ASSERT_TRUE(content) << "write " << n << ": " << content.error().message();
        ASSERT_EQ(state_of(*content), durable) << "write " << n;
    }
}

TEST(power_cut, without_fsync_leaves_an_older_and_sound_store) {
    const store_directory dir;
    faulty_vfs disk;
    auto o = dir.options();
    o.fsync = store_fsync::never;
    const auto s = make_sqlite_store(o);
    ASSERT_TRUE(s->open());
    const auto before = disk.syncs();
    std::vector<state> history(1);
    for (std::uint64_t n = 0; n < 400; ++n) {
        ASSERT_TRUE(s->write(step(n)));
        history.push_back(history.back());
        make(step(n), history.back());
        if (n % 40 != 0) continue;
        const store_directory after;
        disk.cut_power(after.path());
        const auto content = make_sqlite_store(after.options())->open();
        ASSERT_TRUE(content) << content.error().message();
        EXPECT_NE(std::find(history.begin(), history.end(), state_of(*content)), history.end());
    }
    EXPECT_LT(disk.syncs() - before, 40); // only when the log is carried over
}

} // namespace
} // namespace weir::mqtt
