#include "fleet/ledger.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace weir::demo {
namespace {

std::int64_t to_us(time_point t) {
    return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count();
}

} // namespace

ledger_writer::ledger_writer(const std::string& path) {
    if (path.empty()) return;
    file_.open(path, std::ios::trunc);
    if (!file_) throw std::system_error(errno, std::generic_category(), path);
}

void ledger_writer::add(const ledger_entry& entry) {
    if (!file_.is_open()) return;
    const std::lock_guard lock(mutex_);
    file_ << entry.id.vehicle << ' ' << entry.id.sequence << ' ' << to_us(entry.published) << '\n';
}

void ledger_writer::flush() {
    const std::lock_guard lock(mutex_);
    file_.flush();
}

result<std::vector<ledger_entry>> read_ledger(const std::string& path) {
    std::ifstream file(path);
    if (!file) return error{std::error_code{errno, std::generic_category()}, path};
    std::vector<ledger_entry> entries;
    std::string line;
    while (std::getline(file, line) && !file.eof()) {
        identity id;
        long long us{};
        if (std::sscanf(line.c_str(), "%u %u %lld", &id.vehicle, &id.sequence, &us) != 3)
            return failure(path + ": not a ledger line: " + line);
        entries.push_back({.id = id, .published = time_point{std::chrono::microseconds{us}}});
    }
    return entries;
}

} // namespace weir::demo
