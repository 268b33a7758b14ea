#pragma once

#include <weir/base/error.hpp>

#include <boost/system/error_code.hpp>

#include <string>

namespace weir::mqtt {

/// The library's name for what the network layer reports; `what` says what was being done and to whom.
[[nodiscard]] error connect_error(const boost::system::error_code& ec, const std::string& what);
[[nodiscard]] error stream_error(const boost::system::error_code& ec, const std::string& what);

} // namespace weir::mqtt
