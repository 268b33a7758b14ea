#include "packet_relay.hpp"

#include "fronts/relay.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace weir::testing {

namespace {

namespace asio = mqtt::fronts::asio;
using mqtt::fronts::tcp;

/// Of the packet at the beginning; 0 while it is not whole [MQTT 5.0, 2.1.4].
std::size_t length_of_packet(std::string_view bytes) {
    std::size_t remaining = 0;
    for (std::size_t i = 1; i <= 4 && i < bytes.size(); ++i) {
        const auto digit = static_cast<unsigned char>(bytes[i]);
        remaining |= static_cast<std::size_t>(digit & 0x7fu) << (7 * (i - 1));
        if ((digit & 0x80u) != 0) continue;
        const auto whole = i + 1 + remaining;
        return bytes.size() >= whole ? whole : 0;
    }
    return 0;
}

unsigned type_of_packet(std::string_view bytes) {
    return static_cast<unsigned char>(bytes.front()) >> 4u;
}

} // namespace

packet_relay::packet_relay(std::uint16_t broker)
    : broker_(broker) {
    start([this](tcp::socket client) { return serve(std::move(client)); });
}

packet_relay::~packet_relay() {
    stop();
}

void packet_relay::lose(mqtt::packet_type type, then what) {
    lost_ = false;
    then_ = what;
    type_ = static_cast<unsigned>(type);
}

asio::awaitable<void> packet_relay::serve(tcp::socket client) {
    auto broker = co_await dial(broker_);
    using namespace asio::experimental::awaitable_operators;
    co_await (pass(client, broker) && pass(broker, client));
}

asio::awaitable<void> packet_relay::pass(tcp::socket& from, tcp::socket& to) {
    std::array<char, 4'096> space{};
    std::string bytes;
    bool loses = false;
    for (;;) {
        boost::system::error_code ec;
        const auto count =
            co_await from.async_read_some(asio::buffer(space), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        if (loses) continue;
        bytes.append(space.data(), count);
        const auto whole = take(bytes, loses);
        co_await asio::async_write(to, asio::buffer(whole), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        if (!loses || then_ == then::silence) continue;
        from.close(ec);
        to.close(ec);
        break;
    }
    mqtt::fronts::end_sending(to);
}

std::string packet_relay::take(std::string& bytes, bool& loses) {
    std::size_t passed = 0;
    for (;;) {
        const auto rest = std::string_view(bytes).substr(passed);
        const auto length = length_of_packet(rest);
        if (length == 0) break;
        auto wanted = type_of_packet(rest);
        loses = type_.compare_exchange_strong(wanted, 0);
        if (loses) break;
        passed += length;
    }
    lost_ = lost_ || loses;
    auto whole = bytes.substr(0, passed);
    bytes.erase(0, passed);
    return whole;
}

} // namespace weir::testing
