#include "support/slow_resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

namespace weir::mqtt {
namespace {

struct {
    std::mutex mutex;
    std::condition_variable changed;
    bool slow{false};
    int waiting{0};
} state;

int wait_for_answer() {
    std::unique_lock lock{state.mutex};
    ++state.waiting;
    state.changed.wait(lock, [] { return !state.slow; });
    --state.waiting;
    state.changed.notify_all();
    return EAI_NONAME;
}

} // namespace

slow_resolver::slow_resolver() {
    const std::lock_guard lock{state.mutex};
    state.slow = true;
}

slow_resolver::~slow_resolver() {
    std::unique_lock lock{state.mutex};
    state.slow = false;
    state.changed.notify_all();
    state.changed.wait(lock, [] { return state.waiting == 0; });
}

} // namespace weir::mqtt

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
    if (node != nullptr && std::string_view{node} == weir::mqtt::slow_resolver::name)
        return weir::mqtt::wait_for_answer();
    using resolver = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto of_the_system = reinterpret_cast<resolver>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return of_the_system(node, service, hints, found);
}
