#pragma once

#include "codec/property_table.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"

#include <weir/mqtt/types/property.hpp>

#include <cstddef>
#include <limits>

namespace weir::mqtt {

struct property_context {
    property_place place{};
    peer sender{};
    bool problem_information{true}; ///< false: the client asked for no Reason String and User Property
    std::size_t most{std::numeric_limits<std::size_t>::max()};
    bool may_exceed{
        false}; ///< more is no fault; one of those that may repeat is kept beyond `most`, no others
};

/// Reads a Property Length and the properties it covers, checking each by the table.
void read_properties(reader& r, const property_context& context, properties& out);

/// Writes one property as it stands on the wire.
template <class Out>
void write_property(Out& out, const property& p) {
    const property_rule* rule = find_rule(static_cast<std::uint32_t>(p.id));
    if (rule == nullptr) return;
    out.u8(static_cast<std::uint8_t>(p.id));
    if (const auto* number = std::get_if<std::uint32_t>(&p.value)) {
        switch (rule->type) {
        case property_type::byte: out.u8(static_cast<std::uint8_t>(*number)); break;
        case property_type::two_byte: out.u16(static_cast<std::uint16_t>(*number)); break;
        case property_type::four_byte: out.u32(*number); break;
        default: out.variable(*number); break;
        }
    } else if (const auto* text = std::get_if<bytes>(&p.value)) {
        out.binary(text->text());
    } else {
        const auto& pair = std::get<string_pair>(p.value);
        out.binary(pair.first.text());
        out.binary(pair.second.text());
    }
}

/// Bytes of the properties without the Property Length before them.
[[nodiscard]] std::size_t properties_size(const properties& props);

/// Writes the Property Length and the properties.
template <class Out>
void write_properties(Out& out, const properties& props) {
    out.variable(static_cast<std::uint32_t>(properties_size(props)));
    for (const property& p : props)
        write_property(out, p);
}

} // namespace weir::mqtt
