#include "fleet/vehicle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numbers>

namespace weir::demo {
namespace {

constexpr position city{60.19, 24.94};
constexpr double metres_per_degree = 111'200;
constexpr std::array<std::string_view, 10> headsigns{
    "Matinkylä (M)", "Kamppi",      "Rautatientori", "Elielinaukio", "Tapiola (M)",
    "Itäkeskus (M)", "Kivistö as.", "Lentoasema",    "Munkkivuori",  "Pasila as."};
constexpr std::array<unsigned, 8> bus_operators{6, 12, 17, 18, 22, 30, 47, 51};

template <class T>
T between(T low, T high, random_source& random) {
    if constexpr (std::is_floating_point_v<T>)
        return std::uniform_real_distribution<T>{low, high}(random);
    else
        return std::uniform_int_distribution<T>{low, high}(random);
}

template <class List>
auto any_of(const List& list, random_source& random) {
    return list[between<std::size_t>(0, list.size() - 1, random)];
}

double metres_between(position a, position b) {
    const double shrink = std::cos(city.latitude * std::numbers::pi / 180);
    return std::hypot(b.latitude - a.latitude, (b.longitude - a.longitude) * shrink) * metres_per_degree;
}

int heading_from(position a, position b) {
    const double degrees =
        std::atan2(b.longitude - a.longitude, b.latitude - a.latitude) * 180 / std::numbers::pi;
    return static_cast<int>(std::lround(degrees) + 360) % 360;
}

/// The `n`th decimal of a coordinate: 1 is tenths.
int decimal(double coordinate, int n) {
    return static_cast<int>(coordinate * std::pow(10, n)) % 10;
}

/// "60;24/16/58/67": whole degrees, then the decimals of both coordinates in pairs.
std::string geohash(position p) {
    std::string text = fmt::format("{};{}", static_cast<int>(p.latitude), static_cast<int>(p.longitude));
    for (int n = 1; n <= 3; ++n)
        text += fmt::format("/{}{}", decimal(p.latitude, n), decimal(p.longitude, n));
    return text;
}

std::string format_time(const char* format, system_time_point t) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

} // namespace

vehicle::service vehicle::draw_service(random_source& random) {
    const auto share = between(0, 99, random);
    if (share < 78) return {"bus", any_of(bus_operators, random)};
    if (share < 91) return {"tram", 40};
    if (share < 96) return {"train", 90};
    return {"metro", 50};
}

vehicle::vehicle(std::uint32_t number, random_source& random)
    : number_(number)
    , service_(draw_service(random))
    , headsign_(any_of(headsigns, random))
    , route_(fmt::format("{}", between(1001, 9999, random)))
    , start_(fmt::format("{:02}:{:02}", between(5, 23, random), between(0, 59, random)))
    , direction_(between(1U, 2U, random))
    , line_(between(100U, 1'199U, random))
    , journey_(between(1U, 999U, random))
    , stop_(between(1'000'000U, 9'999'999U, random))
    , speed_(between(4.0, 22.0, random)) {
    for (auto& p : way_)
        p = {city.latitude + between(-0.12, 0.12, random), city.longitude + between(-0.25, 0.25, random)};
    here_ = before_ = way_[0];
}

void vehicle::advance(double seconds, random_source& random) {
    before_ = here_;
    speed_ = std::clamp(speed_ + between(-1.5, 1.5, random), 0.0, 25.0);
    const position goal = way_[next_way_point_];
    const double left = metres_between(here_, goal);
    const double share = left > 0 ? std::min(1.0, speed_ * seconds / left) : 1.0;
    heading_ = heading_from(here_, goal);
    here_.latitude += (goal.latitude - here_.latitude) * share;
    here_.longitude += (goal.longitude - here_.longitude) * share;
    if (share < 1) return;
    next_way_point_ = (next_way_point_ + 1) % way_points;
    stop_ = between(1'000'000U, 9'999'999U, random);
    delay_ += between(-20, 15, random);
}

/// The most significant digit that changed since the last report, 0 for whole degrees to 5 for none: what a
/// subscriber filters by when it wants fewer updates.
int vehicle::geohash_level() const {
    const auto digits = [](double coordinate, int n) {
        return static_cast<long>(coordinate * std::pow(10, n));
    };
    for (int n = 0; n <= 4; ++n)
        if (digits(here_.latitude, n) != digits(before_.latitude, n) ||
            digits(here_.longitude, n) != digits(before_.longitude, n))
            return n;
    return 5;
}

std::string vehicle::topic() const {
    return fmt::format(
        "/hfp/v2/journey/ongoing/vp/{}/{:04}/{:05}/{}/{}/{}/{}/{}/{}/{}", service_.mode,
        service_.operator_number, number_, route_, direction_, headsign_, start_, stop_, geohash_level(),
        geohash(here_));
}

std::string vehicle::payload(std::uint32_t sequence, system_time_point now) const {
    const auto since_epoch = now.time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    return fmt::format(
        R"({{"VP":{{"desi":"{}","dir":"{}","oper":{},"veh":{},"tst":"{}.{:03}Z","tsi":{},"spd":{:.2f},)"
        R"("hdg":{},"lat":{:.6f},"long":{:.6f},"acc":0,"dl":{},"odo":null,"drst":null,"oday":"{}",)"
        R"("jrn":{},"line":{},"start":"{}","loc":"GPS","stop":null,"route":"{}","occu":0,"seq":{}}}}})",
        route_.substr(1), direction_, service_.operator_number, number_,
        format_time("%Y-%m-%dT%H:%M:%S", now), ms % 1000, ms / 1000, speed_, heading_, here_.latitude,
        here_.longitude, delay_, format_time("%Y-%m-%d", now), journey_, line_, start_, route_, sequence);
}

} // namespace weir::demo
