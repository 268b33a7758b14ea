#include "payload_check.hpp"

#include <weir/base/text.hpp>

#include <nlohmann/json.hpp>

namespace weir::tool {

error fault_of(payload_form form, std::string_view payload) {
    if (form == payload_form::text && !is_utf8(payload)) return failure("the payload is not UTF-8");
    if (form == payload_form::json && !nlohmann::json::accept(payload))
        return failure("the payload is not JSON");
    return {};
}

result<bytes> payload_check::operator()(const connector::inbound& in) const {
    if (auto fault = fault_of(form, in.payload().text())) return fault;
    return in.payload();
}

} // namespace weir::tool
