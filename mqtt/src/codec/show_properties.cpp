#include "codec/show_properties.hpp"

#include "codec/quote.hpp"

#include <variant>

namespace weir::mqtt {
namespace {

std::string show(const property& p) {
    std::string out{to_string(p.id)};
    if (const auto* number = std::get_if<std::uint32_t>(&p.value)) return out + ' ' + std::to_string(*number);
    if (p.id == property_id::authentication_data) return out + " (hidden)";
    if (const auto* text = std::get_if<bytes>(&p.value)) return out + ' ' + quote(text->text());
    const auto& [name, value] = std::get<string_pair>(p.value);
    return out + ' ' + quote(name.text()) + ' ' + quote(value.text());
}

} // namespace

std::string show(const properties& props) {
    constexpr std::size_t longest = 300;
    std::string out;
    for (const property& p : props) {
        if (out.size() > longest) return out + ", ...";
        if (!out.empty()) out += ", ";
        out += show(p);
    }
    return out;
}

} // namespace weir::mqtt
