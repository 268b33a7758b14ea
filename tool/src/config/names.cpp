#include "names.hpp"

namespace weir::tool {

const names<mqtt::qos>& qos_names() {
    using enum mqtt::qos;
    static const names<mqtt::qos> list{{"at_most_once", at_most_once}, {"at_least_once", at_least_once},
                                       {"exactly_once", exactly_once}, {"qos0", at_most_once},
                                       {"qos1", at_least_once},        {"qos2", exactly_once}};
    return list;
}

const names<mqtt::protocol_version>& protocol_names() {
    using enum mqtt::protocol_version;
    static const names<mqtt::protocol_version> list{{"v5", v5},  {"v4", v4},     {"v3", v3},   {"5", v5},
                                                    {"5.0", v5}, {"3.1.1", v4},  {"3.1", v3},  {"4", v4},
                                                    {"3", v3},   {"v3.1.1", v4}, {"v3.1", v3}, {"v5.0", v5}};
    return list;
}

const names<mqtt::tls_version>& tls_version_names() {
    using enum mqtt::tls_version;
    static const names<mqtt::tls_version> list{
        {"tlsv1.2", v1_2}, {"tlsv1.3", v1_3}, {"tlsv1.1", v1_1}, {"tlsv1", v1_0}};
    return list;
}

} // namespace weir::tool
