#include <weir/mqtt/transport/transport.hpp>

namespace weir::mqtt {

// For those who do not ask how a connection comes about.
void transport_listener::transport_passed(std::string_view) {}

void transport_listener::transport_warned(const std::string&) {}

} // namespace weir::mqtt
