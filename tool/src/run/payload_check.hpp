#pragma once

#include "config/payload_form.hpp"

#include <weir/base/bytes.hpp>
#include <weir/base/result.hpp>
#include <weir/connector/inbound.hpp>

namespace weir::tool {

/// The decoder of `weir run`: the payload untouched, if it has the form.
struct payload_check {
    payload_form form{payload_form::bytes};

    [[nodiscard]] result<bytes> operator()(const connector::inbound& in) const;
};

/// An error that says what the payload is not, or none.
[[nodiscard]] error fault_of(payload_form form, std::string_view payload);

} // namespace weir::tool
