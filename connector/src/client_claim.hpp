#pragma once

#include "producer_context.hpp"

#include <string>
#include <vector>

namespace weir::connector {

/// Which client ids this process uses at which brokers. Two connections with one id would take the session
/// from each other for ever [MQTT-3.1.4-3]; between processes only the broker can tell.
class client_claim {
  public:
    /// Throws `std::invalid_argument` naming the pipeline that has the id.
    explicit client_claim(const producer_context& context);
    client_claim(const client_claim&) = delete;
    client_claim& operator=(const client_claim&) = delete;
    ~client_claim();

  private:
    std::vector<std::string> keys_; ///< one for each place where the broker may be
};

} // namespace weir::connector
