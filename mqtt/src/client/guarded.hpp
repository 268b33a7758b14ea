#pragma once

#include <weir/mqtt/client.hpp>

#include <exception>

namespace weir::mqtt {

/// Runs code of the application; what it throws goes to the observer and no further. False when it threw.
template <class Call>
bool guarded(client_observer& observer, Call&& call) noexcept {
    try {
        call();
        return true;
    } catch (const std::exception& e) {
        observer.on_callback_error(e.what());
    } catch (...) {
        observer.on_callback_error("an exception that is no std::exception");
    }
    return false;
}

} // namespace weir::mqtt
