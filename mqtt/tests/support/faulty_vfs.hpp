#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace weir::mqtt::test {

/// Stands between SQLite and the files while it lives: counts reads, writes, truncations and syncs, fails the
/// one it is told to, and knows what has reached the disk.
class faulty_vfs {
  public:
    faulty_vfs();
    faulty_vfs(const faulty_vfs&) = delete;
    faulty_vfs& operator=(const faulty_vfs&) = delete;
    ~faulty_vfs();

    /// The n-th call from now (1 is the next) fails with `code`, and with `lasting` all that follow.
    void fail(int n, int code, bool lasting = false);
    void heal();

    /// Calls so far.
    [[nodiscard]] int calls() const { return calls_; }

    [[nodiscard]] int syncs() const { return syncs_; }

    /// Files as they are after the power has been cut: what was not synced is gone.
    void cut_power(const std::filesystem::path& into) const;

    // -- for the functions that SQLite calls
    struct file;
    [[nodiscard]] int next_call();
    void synced(file& f);
    void deleted(const std::string& name);

    [[nodiscard]] sqlite3_vfs* below() const { return below_; }

  private:
    sqlite3_vfs* below_;
    sqlite3_vfs self_{};
    int calls_{0};
    int syncs_{0};
    int fail_at_{0};
    int code_{SQLITE_OK};
    bool lasting_{false};
    std::map<std::string, std::string> on_disk_;
};

} // namespace weir::mqtt::test
