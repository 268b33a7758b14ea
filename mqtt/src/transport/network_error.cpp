#include "transport/network_error.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/error.hpp>

namespace weir::mqtt {
namespace {

std::string describe(const boost::system::error_code& ec, const std::string& what) {
    std::string text = what + ": " + ec.message();
    if (ec.category() == boost::system::system_category())
        text += " (errno " + std::to_string(ec.value()) + ")";
    return text;
}

errc connect_code(const boost::system::error_code& ec) {
    namespace net = boost::asio::error;
    if (ec == net::connection_refused) return errc::connect_refused;
    if (ec == net::network_unreachable || ec == net::host_unreachable || ec == net::timed_out)
        return errc::unreachable;
    return errc::io_error;
}

} // namespace

error connect_error(const boost::system::error_code& ec, const std::string& what) {
    return {connect_code(ec), describe(ec, what)};
}

error stream_error(const boost::system::error_code& ec, const std::string& what) {
    if (ec == boost::asio::error::eof) return {errc::peer_closed, what + ": end of stream"};
    return {errc::io_error, describe(ec, what)};
}

} // namespace weir::mqtt
