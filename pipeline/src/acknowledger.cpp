#include "readable_name.hpp"

#include <weir/pipeline/acknowledger.hpp>

#include <stdexcept>

namespace weir::pipeline {

std::uint64_t acknowledger::configure(std::uint64_t, const std::any&) {
    throw std::logic_error{
        "the acknowledger " + readable_name(typeid(*this)) + " takes no options for single messages"};
}

} // namespace weir::pipeline
