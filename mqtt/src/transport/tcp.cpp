#include "io_lane_engine.hpp"
#include "transport/tcp_stream.hpp"

#include <utility>

namespace weir::mqtt {

std::unique_ptr<transport> make_tcp_transport(io_lane& lane, tcp_options options) {
    auto& engine = lane.native();
    return make_transport_of(std::make_shared<tcp_stream>(engine.context, engine.blocks, std::move(options)));
}

} // namespace weir::mqtt
