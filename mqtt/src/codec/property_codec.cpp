#include "codec/property_codec.hpp"

#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

using value_type = std::variant<std::uint32_t, bytes, string_pair>;

value_type read_value(reader& r, property_type type, const char* what) {
    switch (type) {
    case property_type::byte: return std::uint32_t{r.u8(what)};
    case property_type::two_byte: return std::uint32_t{r.u16(what)};
    case property_type::four_byte: return r.u32(what);
    case property_type::variable: return r.variable(what);
    case property_type::string: return r.string(what);
    case property_type::binary: return r.binary(what);
    case property_type::name_value: break;
    }
    bytes name = r.string(what);
    return string_pair{std::move(name), r.string(what)};
}

/// Reason String and User Property explain; a client may ask to be spared them [MQTT-3.1.2-29].
bool is_unwanted(property_id id, const property_context& context) noexcept {
    if (context.problem_information) return false;
    if (id != property_id::reason_string && id != property_id::user_property) return false;
    return context.place != place_of(packet_type::publish) &&
           context.place != place_of(packet_type::connack) &&
           context.place != place_of(packet_type::disconnect);
}

/// Everything about a property that its value does not decide.
std::optional<property_fault> check_header(
    property_id id, const property_rule& rule, const property_context& context, property_set& seen) {
    if (auto fault = check_place(id, rule, context.place, context.sender)) return fault;
    if (!seen.add(id) && !rule.repeatable_in(context.place))
        return property_fault{
            reason_code::protocol_error, std::string(to_string(id)) + " stands there twice"};
    if (is_unwanted(id, context))
        return property_fault{
            reason_code::protocol_error,
            std::string(to_string(id)) + " was not asked for (Request Problem Information is 0)"};
    return std::nullopt;
}

void read_property(
    reader& r, const property_context& context, property_set& seen, std::size_t place, properties& out) {
    const auto number = r.variable("a property identifier");
    if (!r.ok()) return;
    const property_rule* rule = find_rule(number);
    if (rule == nullptr) {
        r.fail(reason_code::malformed_packet, "there is no property " + std::to_string(number));
        return;
    }
    const auto id = static_cast<property_id>(number);
    if (auto fault = check_header(id, *rule, context, seen)) {
        r.fail(fault->code, std::move(fault->text));
        return;
    }
    property p{id, read_value(r, rule->type, to_string(id).data())}; // the names are literals
    if (!r.ok()) return;
    if (auto fault = check_value(p, *rule)) return r.fail(fault->code, std::move(fault->text));
    const bool is_spare = place > context.most && place - context.most > 1;
    if (!is_spare || !rule->repeatable_in(context.place)) out.append(std::move(p));
}

} // namespace

void read_properties(reader& r, const property_context& context, properties& out) {
    const auto size = r.variable("the property length");
    if (size == 0) return;
    reader part = r.sub(size, "the properties");
    if (!r.ok()) return;
    property_set seen;
    for (std::size_t place = 1; part.ok() && part.left() != 0; ++place) {
        if (place > context.most && !context.may_exceed)
            part.fail(
                reason_code::quota_exceeded, "more than " + std::to_string(context.most) + " properties");
        else
            read_property(part, context, seen, place, out);
    }
    if (part.ok() && seen.has(property_id::authentication_data) &&
        !seen.has(property_id::authentication_method))
        part.fail(reason_code::protocol_error, "authentication_data without authentication_method");
    r.join(part);
}

std::size_t properties_size(const properties& props) {
    size_counter counter;
    for (const property& p : props)
        write_property(counter, p);
    return counter.size();
}

} // namespace weir::mqtt
