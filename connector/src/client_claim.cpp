#include "client_claim.hpp"

#include <map>
#include <mutex>
#include <stdexcept>

namespace weir::connector {

namespace {

struct registry {
    std::mutex mutex;
    std::map<std::string, std::string> owners; ///< a pipeline's name, by key
};

/// Never destroyed: a pipeline may outlive all that is static.
registry& all() {
    static auto* const instance = new registry;
    return *instance;
}

} // namespace

client_claim::client_claim(const producer_context& context) {
    auto& r = all();
    const std::lock_guard lock(r.mutex);
    for (const auto& to : mqtt::routes_of(context.options.config)) {
        const auto owner = r.owners.find(to.text() + ' ' + context.client_id);
        if (owner != r.owners.end())
            throw std::invalid_argument(
                "producer.config.clientid: " + context.client_id + ": not that of pipeline " + owner->second +
                ", which is connected to " + to.text() + " with it");
    }
    for (const auto& to : mqtt::routes_of(context.options.config)) {
        keys_.push_back(to.text() + ' ' + context.client_id);
        r.owners.emplace(keys_.back(), context.pipeline);
    }
}

client_claim::~client_claim() {
    auto& r = all();
    const std::lock_guard lock(r.mutex);
    for (const auto& key : keys_)
        r.owners.erase(key);
}

} // namespace weir::connector
