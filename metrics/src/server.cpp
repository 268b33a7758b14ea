#include "families.hpp"

#include <weir/metrics/server.hpp>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::metrics {

namespace {

class pipelines final : public prometheus::Collectable {
  public:
    void add(connector::stats_reader pipeline) {
        const std::lock_guard lock(mutex_);
        list_.push_back(std::move(pipeline));
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        const std::lock_guard lock(mutex_);
        return families(list_);
    }

  private:
    mutable std::mutex mutex_;
    std::vector<connector::stats_reader> list_;
};

constexpr std::size_t threads = 2; // one scrape must not hold up the next for ever

} // namespace

struct server::impl {
    explicit impl(const std::string& listen)
        : address(listen) {
        try {
            http.emplace(listen, threads);
        } catch (const std::exception&) { // says no more than that it did not work
            throw std::runtime_error("metrics: cannot listen on " + listen);
        }
        http->RegisterCollectable(served);
    }

    const std::string address;
    const std::shared_ptr<pipelines> served{std::make_shared<pipelines>()};
    std::optional<prometheus::Exposer> http; ///< last: it reads `served`
};

server::server(const std::string& address) {
    if (!is_listen_address(address))
        throw std::runtime_error("metrics: " + address + ": an address and a port, such as 127.0.0.1:9464");
    impl_ = std::make_unique<impl>(address);
}

server::~server() = default;

void server::add(connector::stats_reader pipeline) {
    impl_->served->add(std::move(pipeline));
}

std::uint16_t server::port() const {
    return static_cast<std::uint16_t>(impl_->http->GetListeningPorts().at(0));
}

std::string server::url() const {
    const auto host = impl_->address.substr(0, impl_->address.rfind(':'));
    return "http://" + host + ':' + std::to_string(port()) + "/metrics";
}

} // namespace weir::metrics
