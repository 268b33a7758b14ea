#include "client/ack_desk.hpp"

#include <weir/mqtt/incoming.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <exception>
#include <string>

namespace weir::mqtt {

acknowledgement::acknowledgement(std::shared_ptr<detail::ack_desk> desk, const ack_token& token) noexcept
    : token_(token) {
    if (token.level == qos::at_most_once) return;
    desk_ = std::move(desk);
    made_ = decision::due;
}

acknowledgement& acknowledgement::operator=(acknowledgement&& other) noexcept {
    if (this == &other) return *this;
    drop();
    desk_ = std::move(other.desk_);
    token_ = other.token_;
    made_ = std::exchange(other.made_, decision::none);
    return *this;
}

acknowledgement::~acknowledgement() {
    drop();
}

error acknowledgement::ack(reason_code code, properties props) {
    if (made_ == decision::none) return {};
    if (made_ == decision::acknowledged) {
        (void)desk_->decide({.token = token_}); // counts it
        return error{errc::already_acked};
    }
    auto failed = desk_->acknowledge(token_, code, std::move(props));
    if (!failed) made_ = decision::acknowledged;
    return failed;
}

error acknowledgement::reject(reason_code code, properties props) {
    if (!is_failure(code))
        return {
            errc::option_invalid, "a rejection's code is 0x80 or above, got " + std::string(to_string(code))};
    return ack(code, std::move(props));
}

error acknowledgement::defer() {
    if (made_ == decision::none) return {};
    auto failed = desk_->decide({.token = token_, .verdict = ack_outcome::decision::defer});
    if (made_ != decision::due) return error{errc::already_acked};
    if (!failed) made_ = decision::deferred;
    return failed;
}

void acknowledgement::drop() noexcept {
    const auto made = std::exchange(made_, decision::none);
    if (made == decision::none || made == decision::acknowledged) return;
    const bool acknowledges =
        made == decision::due && desk_->acknowledges_what_is_dropped() && std::uncaught_exceptions() == 0;
    (void)desk_->decide(
        {.token = token_,
         .verdict = acknowledges ? ack_outcome::decision::acknowledge : ack_outcome::decision::let_go});
}

std::vector<std::uint32_t> incoming::subscription_identifiers() const {
    std::vector<std::uint32_t> found;
    for (const auto& p : props())
        if (p.id == property_id::subscription_identifier)
            if (const auto* number = std::get_if<std::uint32_t>(&p.value)) found.push_back(*number);
    return found;
}

} // namespace weir::mqtt
