#include <weir/mqtt/random_client_id.hpp>

#include <random>

namespace weir::mqtt {

std::string random_client_id(std::string_view prefix, std::size_t characters) {
    static constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::random_device source;
    std::uniform_int_distribution<std::size_t> pick{0, digits.size() - 1};
    std::string id{prefix};
    for (std::size_t i = 0; i < characters; ++i)
        id += digits[pick(source)];
    return id;
}

} // namespace weir::mqtt
