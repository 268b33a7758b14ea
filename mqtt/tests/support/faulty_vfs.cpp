#include "faulty_vfs.hpp"

#include <fstream>
#include <new>
#include <vector>

namespace weir::mqtt::test {

struct faulty_vfs::file {
    sqlite3_file base;
    faulty_vfs* owner;
    std::string* name;

    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

namespace {

faulty_vfs::file& of(sqlite3_file* f) {
    return *reinterpret_cast<faulty_vfs::file*>(f);
}

faulty_vfs& of(sqlite3_vfs* v) {
    return *static_cast<faulty_vfs*>(v->pAppData);
}

int close_file(sqlite3_file* f) {
    auto* const real = of(f).real();
    const int code = real->pMethods->xClose(real);
    delete of(f).name;
    return code;
}

int read_file(sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
    if (const int code = of(f).owner->next_call(); code != SQLITE_OK && code != SQLITE_FULL) return code;
    auto* const real = of(f).real();
    return real->pMethods->xRead(real, to, count, at);
}

int write_file(sqlite3_file* f, const void* from, int count, sqlite3_int64 at) {
    if (const int code = of(f).owner->next_call()) return code;
    auto* const real = of(f).real();
    return real->pMethods->xWrite(real, from, count, at);
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
    if (const int code = of(f).owner->next_call()) return code;
    auto* const real = of(f).real();
    return real->pMethods->xTruncate(real, size);
}

int sync_file(sqlite3_file* f, int) {
    if (const int code = of(f).owner->next_call()) return code;
    of(f).owner->synced(of(f)); // without the system's own, which takes long
    return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) {
    auto* const real = of(f).real();
    return real->pMethods->xFileSize(real, size);
}

int lock_file(sqlite3_file* f, int level) {
    auto* const real = of(f).real();
    return real->pMethods->xLock(real, level);
}

int unlock_file(sqlite3_file* f, int level) {
    auto* const real = of(f).real();
    return real->pMethods->xUnlock(real, level);
}

int check_lock(sqlite3_file* f, int* held) {
    auto* const real = of(f).real();
    return real->pMethods->xCheckReservedLock(real, held);
}

int control_file(sqlite3_file* f, int op, void* argument) {
    auto* const real = of(f).real();
    return real->pMethods->xFileControl(real, op, argument);
}

int sector_size(sqlite3_file* f) {
    auto* const real = of(f).real();
    return real->pMethods->xSectorSize(real);
}

int device(sqlite3_file*) {
    return 0; // nothing is promised
}

constexpr sqlite3_io_methods methods{
    1,         close_file,  read_file,  write_file,   truncate_file, sync_file, file_size,
    lock_file, unlock_file, check_lock, control_file, sector_size,   device,    nullptr,
    nullptr,   nullptr,     nullptr,    nullptr,      nullptr};

int open_file(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
    auto& mine = of(f);
    mine.base.pMethods = nullptr;
    auto* const below = of(v).below();
    const int code = below->xOpen(below, name, mine.real(), flags, out);
    if (code != SQLITE_OK) return code;
    mine.owner = &of(v);
    mine.name = new std::string(name == nullptr ? "" : name);
    mine.base.pMethods = &methods;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* v, const char* name, int sync) {
    of(v).deleted(name);
    auto* const below = of(v).below();
    return below->xDelete(below, name, sync);
}

} // namespace

faulty_vfs::faulty_vfs()
    : below_(sqlite3_vfs_find(nullptr)) {
    self_ = *below_;
    self_.iVersion = 2;
    self_.szOsFile = static_cast<int>(sizeof(file)) + below_->szOsFile;
    self_.zName = "faulty";
    self_.pAppData = this;
    self_.xOpen = open_file;
    self_.xDelete = delete_file;
    sqlite3_vfs_register(&self_, 1);
}

faulty_vfs::~faulty_vfs() {
    sqlite3_vfs_unregister(&self_);
    sqlite3_vfs_register(below_, 1);
}

void faulty_vfs::fail(int n, int code, bool lasting) {
    fail_at_ = calls_ + n;
    code_ = code;
    lasting_ = lasting;
}

void faulty_vfs::heal() {
    fail_at_ = 0;
}

int faulty_vfs::next_call() {
    ++calls_;
    if (fail_at_ == 0 || calls_ < fail_at_) return SQLITE_OK;
    return calls_ == fail_at_ || lasting_ ? code_ : SQLITE_OK;
}

void faulty_vfs::synced(file& f) {
    ++syncs_;
    auto* const real = f.real();
    sqlite3_int64 size = 0;
    real->pMethods->xFileSize(real, &size);
    std::string content(static_cast<std::size_t>(size), '\0');
    if (size != 0) real->pMethods->xRead(real, content.data(), static_cast<int>(size), 0);
    on_disk_[*f.name] = std::move(content);
}

void faulty_vfs::deleted(const std::string& name) {
    on_disk_.erase(name);
}

void faulty_vfs::cut_power(const std::filesystem::path& into) const {
    std::filesystem::create_directories(into);
    for (const auto& [name, content] : on_disk_)
        std::ofstream{into / std::filesystem::path{name}.filename(), std::ios::binary} << content;
}

} // namespace weir::mqtt::test
