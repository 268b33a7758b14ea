#include "registry.hpp"

#include <weir/pipeline/errc.hpp>

#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace weir::pipeline {
namespace {

struct registry {
    std::mutex mutex; // guards all below, and what entries hold
    std::condition_variable unused;
    std::map<std::string, registered_name*, std::less<>> entries;
};

registry& all() {
    static auto* const instance = new registry; // never destroyed: pipelines may outlive static objects
    return *instance;
}

} // namespace

registered_name::registered_name(const std::string& name) {
    const std::scoped_lock lock{all().mutex};
    if (!all().entries.emplace(name, this).second)
        throw std::system_error{errc::already_running, "\"" + name + "\""};
    name_ = name;
}

void registered_name::publish(topology& t) {
    const std::scoped_lock lock{all().mutex};
    published_ = &t;
}

void registered_name::release() {
    const std::scoped_lock lock{all().mutex};
    if (name_.empty()) return;
    all().entries.erase(name_);
    name_.clear();
}

void registered_name::retire() {
    release();
    std::unique_lock lock{all().mutex};
    all().unused.wait(lock, [this] { return users_ == 0; });
}

std::optional<found_pipeline> found_pipeline::find(std::string_view name) {
    const std::scoped_lock lock{all().mutex};
    const auto found = all().entries.find(name);
    if (found == all().entries.end() || found->second->published_ == nullptr) return std::nullopt;
    ++found->second->users_;
    return found_pipeline{*found->second};
}

found_pipeline::found_pipeline(found_pipeline&& other) noexcept
    : entry_(std::exchange(other.entry_, nullptr)) {}

found_pipeline::~found_pipeline() {
    if (entry_ == nullptr) return;
    const std::scoped_lock lock{all().mutex};
    --entry_->users_;
    all().unused.notify_all();
}

topology& found_pipeline::operator*() const noexcept {
    return *entry_->published_;
}

std::vector<std::string> found_pipeline::names() {
    const std::scoped_lock lock{all().mutex};
    std::vector<std::string> found;
    for (const auto& [name, entry] : all().entries)
        if (entry->published_ != nullptr) found.push_back(name);
    return found;
}

} // namespace weir::pipeline
