#include "engine/span.hpp"

#include "engine/worker.hpp"

#include <atomic>
#include <exception>

namespace weir::pipeline::engine {
namespace {

std::uint64_t fresh_span() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Names end with the worker's number.
std::size_t number_in(std::string_view name) noexcept {
    std::size_t number = 0;
    for (const char c : name.substr(name.rfind('_') + 1))
        number = 10 * number + static_cast<std::size_t>(c - '0');
    return number;
}

std::string_view kind_of(const std::exception_ptr& e) {
    if (e == nullptr) return "other";
    try {
        std::rethrow_exception(e);
    } catch (const std::exception&) {
        return "std";
    } catch (...) {
        return "other";
    }
}

} // namespace

void span::open() {
    open_ = true;
    origin_ = {.pipeline = shared_.pipeline, .span = fresh_span()};
    if (const auto* me = worker::current()) {
        origin_.stage = me->name();
        origin_.worker = number_in(me->name());
    }
    at_ = {shared_.time->now(), shared_.time->system_now()};
}

message_views views_of(const parcel& run, std::vector<message_view>& views) {
    views.clear();
    for (std::size_t i = 0; i < run.size(); ++i)
        views.push_back(run.view(i));
    return views;
}

span_failure failure_of(const failure_info& why) {
    return {kind_of(why.exception), why.text, why.exception_type};
}

} // namespace weir::pipeline::engine
