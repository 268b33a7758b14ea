#include "seconds_option.hpp"

#include <cmath>
#include <utility>

namespace weir::tool {

namespace {

constexpr double longest = 1e9; ///< 31 years, which no clock's arithmetic overflows

} // namespace

CLI::Option* add_seconds_option(
    CLI::App& command, const std::string& name, std::function<void(std::chrono::milliseconds)> take,
    const std::string& text, std::chrono::milliseconds least) {
    const double shortest = std::chrono::duration<double>(least).count();
    return command
        .add_option_function<double>(
            name,
            [take = std::move(take)](const double& seconds) {
                take(std::chrono::milliseconds{std::llround(seconds * 1'000)});
            },
            text)
        ->check(CLI::Range(shortest, longest));
}

CLI::Option* add_seconds_option(
    CLI::App& command, const std::string& name, std::chrono::milliseconds& to, const std::string& text,
    std::chrono::milliseconds least) {
    return add_seconds_option(
        command, name, [&to](std::chrono::milliseconds given) { to = given; }, text, least);
}

} // namespace weir::tool
