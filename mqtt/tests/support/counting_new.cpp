#include "support/counting_new.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace weir::mqtt::test {

memory_use& memory() noexcept {
    static thread_local memory_use use; // operator new has no other place for it
    return use;
}

} // namespace weir::mqtt::test

using weir::mqtt::test::memory;

// Out of line, lest the compiler sees free() meet what came from its own operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
    void* p = std::malloc(size == 0 ? 1 : size);
    if (p == nullptr) throw std::bad_alloc{};
    ++memory().allocations;
    memory().live += ::malloc_usable_size(p);
    memory().peak = std::max(memory().peak, memory().live);
    return p;
}

[[gnu::noinline]] void operator delete(void* p) noexcept {
    memory().live -= ::malloc_usable_size(p);
    std::free(p);
}

[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
    operator delete(p);
}
