#include "shared_counters.hpp"

#include "posix.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

namespace weir::bench {

shared_counters::shared_counters()
    : fd_(checked(memfd_create("weir-bench-counters", 0), "memfd_create")) {
    checked(ftruncate(fd_, sizeof(layout)), "ftruncate");
    map();
    new (memory_) layout;
}

shared_counters::shared_counters(int fd)
    : fd_(fd) {
    map();
}

shared_counters::~shared_counters() {
    munmap(memory_, sizeof(layout));
    close(fd_);
}

void shared_counters::map() {
    void* at = mmap(nullptr, sizeof(layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (at == MAP_FAILED) fail("mmap");
    memory_ = static_cast<layout*>(at);
}

shared_counters::slot shared_counters::claim() {
    const auto index = memory_->claimed.fetch_add(1);
    if (index >= slots) throw std::runtime_error("more counting threads than shared counters");
    return slot(memory_->lines[index].value);
}

std::uint64_t shared_counters::sum() const {
    std::uint64_t total = 0;
    for (const auto& l : memory_->lines)
        total += l.value.load(std::memory_order_relaxed);
    return total;
}

} // namespace weir::bench
