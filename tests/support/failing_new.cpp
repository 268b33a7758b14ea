#include "support/failing_new.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t until_failure = 0; // NOLINT: operator new has no other place for it

} // namespace

// Out of line, lest the compiler sees free() meet what came from its own operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (until_failure > 0 && --until_failure == 0) throw std::bad_alloc{};
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* p) noexcept {
    std::free(p);
}

[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}

namespace weir::testing {

void fail_allocation(std::size_t number) noexcept {
    until_failure = number;
}

} // namespace weir::testing
