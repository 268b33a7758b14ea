#include "values.hpp"

#include <weir/mqtt/testing/hex.hpp>
#include <weir/mqtt/types/errc_name.hpp>

#include <map>
#include <stdexcept>

namespace weir::conformance {
namespace {

mqtt::property_id property_named(const std::string& name) {
    for (int id = 0; id <= 0x2A; ++id)
        if (to_string(static_cast<mqtt::property_id>(id)) == name) return static_cast<mqtt::property_id>(id);
    throw std::invalid_argument{"there is no property " + name};
}

} // namespace

mqtt::errc error_named(const std::string& name) {
    for (int value = 1; value <= static_cast<int>(mqtt::errc::store_corrupt); ++value)
        if (to_string(static_cast<mqtt::errc>(value)) == name) return static_cast<mqtt::errc>(value);
    throw std::invalid_argument{"there is no error " + name};
}

mqtt::reason_code code_of(const json& hex) {
    const auto one = mqtt::testing::from_hex(hex.get<std::string>()).at(0);
    return static_cast<mqtt::reason_code>(static_cast<unsigned char>(one));
}

mqtt::properties properties_of(const json& given) {
    mqtt::properties all;
    for (const auto& p : given.value("properties", json::array())) {
        const auto id = property_named(p.at(0));
        if (id == mqtt::property_id::user_property)
            all.add_user_property(p.at(1).get<std::string>(), p.at(2).get<std::string>());
        else if (p.at(1).is_number())
            all.set(id, p.at(1).get<std::uint32_t>());
        else
            all.set(id, p.at(1).get<std::string>());
    }
    return all;
}

mqtt::outgoing outgoing_of(const json& given) {
    mqtt::outgoing made{
        .topic = bytes::copy(given.at("topic").get<std::string>()),
        .payload = bytes::copy(given.value("payload", "")),
        .qos = static_cast<mqtt::qos>(given.value("qos", 0)),
        .retain = given.value("retain", false),
        .props = properties_of(given)};
    if (given.contains("deadline")) made.deadline = std::chrono::milliseconds{given["deadline"].get<int>()};
    return made;
}

std::vector<mqtt::subscription> subscriptions_of(const json& given) {
    std::vector<mqtt::subscription> all;
    for (const auto& s : given)
        all.push_back(
            {.filter = s.at("filter"),
             .qos = static_cast<mqtt::qos>(s.value("qos", 0)),
             .no_local = s.value("no_local", false),
             .retain_as_published = s.value("retain_as_published", false),
             .retain_handling = static_cast<mqtt::retain_handling>(s.value("retain_handling", 0))});
    return all;
}

mqtt::ack ack_of(const json& given) {
    static const std::map<std::string, mqtt::ack_type> types{
        {"puback", mqtt::ack_type::puback},
        {"pubrec", mqtt::ack_type::pubrec},
        {"pubrel", mqtt::ack_type::pubrel},
        {"pubcomp", mqtt::ack_type::pubcomp}};
    return {
        .type = types.at(given.at("type")),
        .packet_id = given.at("id").get<std::uint16_t>(),
        .code = given.contains("code") ? code_of(given["code"]) : mqtt::reason_code::success};
}

} // namespace weir::conformance
