#pragma once

#include <weir/base/time.hpp>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace weir::demo {

using random_source = std::mt19937_64;

struct position {
    double latitude{0};
    double longitude{0};
};

/// One vehicle of a public transport fleet on its way around a closed line, reporting where it is in the form
/// of a high-frequency positioning feed: a topic of 19 levels that carries the facts to filter by, and about
/// 300 bytes of JSON.
class vehicle {
  public:
    /// Draws line, operator, headsign and way points. `number` is the vehicle's own, 1..99,999.
    vehicle(std::uint32_t number, random_source& random);

    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

    void advance(double seconds, random_source& random);

    [[nodiscard]] std::string topic() const;
    [[nodiscard]] std::string payload(std::uint32_t sequence, system_time_point now) const;

  private:
    static constexpr std::size_t way_points = 6;

    struct service {
        std::string_view mode{};
        unsigned operator_number{0};
    };

    [[nodiscard]] static service draw_service(random_source& random);
    [[nodiscard]] int geohash_level() const;

    std::uint32_t number_;
    service service_;
    std::string_view headsign_;
    std::string route_;
    std::string start_;
    unsigned direction_;
    unsigned line_;
    unsigned journey_;
    unsigned stop_;
    int delay_{0};
    double speed_; ///< metres a second
    std::array<position, way_points> way_{};
    std::size_t next_way_point_{1};
    position here_{};
    position before_{};
    int heading_{0};
};

} // namespace weir::demo
