#include <weir/pipeline/acknowledger.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>

namespace weir::pipeline {

std::uint64_t acknowledger::configure(std::uint64_t, const std::any&) {
    const auto* const mangled = typeid(*this).name();
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> readable{
        abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free};
    throw std::logic_error{
        "the acknowledger " + std::string{status == 0 ? readable.get() : mangled} +
        " takes no options for single messages"};
}

} // namespace weir::pipeline
