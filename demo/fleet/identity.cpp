#include "fleet/identity.hpp"

#include <charconv>

namespace weir::demo {
namespace {

std::optional<std::uint32_t> number_after(std::string_view text, std::string_view label) noexcept {
    const auto at = text.find(label);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint32_t value{};
    const auto digits = text.substr(at + label.size());
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{}) return std::nullopt;
    return value;
}

} // namespace

std::optional<identity> identity_of(std::string_view payload) noexcept {
    const auto vehicle = number_after(payload, "\"veh\":");
    const auto sequence = number_after(payload, "\"seq\":");
    if (!vehicle || !sequence) return std::nullopt;
    return identity{*vehicle, *sequence};
}

} // namespace weir::demo
