#include "client/itinerary.hpp"

#include "transport/route.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace weir::mqtt {

itinerary::itinerary(const client_options& options, std::uint64_t seed)
    : order_(options.host_order)
    , sticky_(options.sticky)
    , hosts_(routes_of(options))
    , random_(seed)
    , plan_(hosts_.size()) {}

void itinerary::begin() {
    guest_ = std::exchange(referral_, std::nullopt);
    if (!guest_) arrange();
}

void itinerary::arrange() {
    std::iota(plan_.begin(), plan_.end(), std::size_t{0});
    next_ = 0;
    if (order_ == host_order::random) std::shuffle(plan_.begin(), plan_.end(), random_);
    if (order_ == host_order::round_robin)
        std::rotate(
            plan_.begin(), plan_.begin() + static_cast<std::ptrdiff_t>(turn_++ % plan_.size()), plan_.end());
    if (!favourite_) return;
    const auto place = std::find(plan_.begin(), plan_.end(), *favourite_);
    std::rotate(plan_.begin(), place, place + 1);
}

const endpoint& itinerary::here() const noexcept {
    return guest_ ? *guest_ : hosts_[plan_[next_]];
}

std::size_t itinerary::left() const noexcept {
    return guest_ ? 1 : plan_.size() - next_;
}

bool itinerary::advance() noexcept {
    if (left() == 1) return false;
    ++next_;
    return true;
}

void itinerary::settle() noexcept {
    hops_ = 0;
    if (sticky_ && !guest_) favourite_ = plan_[next_];
}

bool itinerary::refer(std::string_view reference) {
    if (hops_ == most_hops) return false;
    while (!reference.empty()) {
        const auto end = std::min(reference.find(' '), reference.size());
        const auto named = parse_endpoint(reference.substr(0, end), {.kind = here().kind});
        reference.remove_prefix(std::min(end + 1, reference.size()));
        // A server does not decide that the connection need not be safe any more.
        if (!named || named->kind != here().kind) continue;
        referral_ = *named;
        referral_->path = here().path;
        referral_->query = here().query;
        ++hops_;
        return true;
    }
    return false;
}

} // namespace weir::mqtt
