#include "receipt_keeper.hpp"

#include <utility>

namespace weir::connector {

receipt_keeper::receipt_keeper(
    const producer_context& context, std::shared_ptr<receipts> store, on_released released)
    : context_(context)
    , store_(std::move(store))
    , released_(std::move(released))
    , worker_(context, "receipts", [this](const work& w) { carry_out(w); }) {}

void receipt_keeper::release(std::uint64_t request, std::uint16_t packet_id) {
    worker_.gather([&](work& w) {
        w.requests.push_back(request);
        w.packet_ids.push_back(packet_id);
    });
}

void receipt_keeper::reset(std::function<void()> done) {
    worker_.gather([&](work& w) { w = {.reset_done = std::move(done)}; });
}

/// Until it succeeds the broker waits for PUBCOMP, so nothing is lost but time.
void receipt_keeper::carry_out(const work& w) const {
    if (w.reset_done) store_->reset(context_.client_id);
    if (!w.requests.empty()) store_->release(context_.client_id, w.packet_ids);
    if (w.reset_done) w.reset_done();
    for (const auto request : w.requests)
        released_(request);
}

} // namespace weir::connector
