#include "registry.hpp"

#include <weir/pipeline/errc.hpp>

#include <mutex>
#include <set>
#include <system_error>

namespace weir::pipeline {
namespace {

struct names {
    std::mutex mutex;
    std::set<std::string> running;
};

names& all() {
    static auto* const instance = new names; // never destroyed: pipelines may outlive static objects
    return *instance;
}

} // namespace

registered_name::registered_name(const std::string& name) {
    const std::scoped_lock lock{all().mutex};
    if (!all().running.insert(name).second)
        throw std::system_error{errc::already_running, "\"" + name + "\""};
    name_ = name;
}

void registered_name::release() {
    if (name_.empty()) return;
    const std::scoped_lock lock{all().mutex};
    all().running.erase(name_);
    name_.clear();
}

} // namespace weir::pipeline
