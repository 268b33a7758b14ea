#include "readable_name.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <cxxabi.h>

#include <exception>
#include <string>
#include <typeinfo>

namespace weir::pipeline::engine {
namespace {

std::string type_of_current_exception() {
    const auto* type = abi::__cxa_current_exception_type();
    if (type == nullptr) return "unknown";
    return readable_name(*type);
}

std::string text_of_current_exception() {
    try {
        throw;
    } catch (const std::exception& e) {
        return e.what();
    } catch (const std::string& text) {
        return text;
    } catch (const char* text) {
        return text;
    } catch (...) {
        return "an object without a text";
    }
}

} // namespace

failure_info capture_exception(std::string_view callback) {
    failure_info why{text_of_current_exception(), std::current_exception(), type_of_current_exception()};
    log_failure(callback, "threw " + why.exception_type + ": " + why.text);
    return why;
}

void log_failure(std::string_view callback, std::string_view what) noexcept {
    std::string line{callback};
    if (const auto name = this_worker::name(); !name.empty()) line.append(" on ").append(name);
    log(log_level::error, line.append(" ").append(what));
}

} // namespace weir::pipeline::engine
