#include "bounds_rows.hpp"

#include "support/temp_folder.hpp"

#include <weir/mqtt/codec/encoder.hpp>

#include <memory>
#include <utility>

namespace weir::mqtt {
namespace {

using weir::testing::temp_folder;

constexpr auto v4 = protocol_version::v4;
constexpr auto v5 = protocol_version::v5;
constexpr std::size_t chunk_size = 50'000;
constexpr std::size_t several = 20'000; ///< connections, one after the other

std::string encoded(const publish& p, protocol_version version) {
    output_buffer out;
    encode(packet{p}, version, out);
    std::string text;
    for (const auto& part : out.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return text;
}

void flood(broker_side& b, const publish& p) {
    const auto one = encoded(p, v5);
    std::string chunk = one;
    while (chunk.size() < chunk_size)
        chunk += one;
    while (!b.over())
        b.send(chunk);
}

void flood_qos0(broker_side& b) {
    flood(b, publish_packet("t", std::string(1'000, 'x')));
}

std::uint64_t count_of(const session_stats& s, dropped::what kind) {
    return s.dropped_by_reason[static_cast<std::size_t>(kind)];
}

void publish_some(client& c, qos level, std::size_t size) {
    for (int i = 0; i < 50; ++i)
        c.publish(message("t", std::string(size, 'x'), level));
}

std::vector<bound> of_what_comes() {
    const auto small_window = [](client_options& o) {
        (o.proto_ver == v5 ? o.receive_maximum : o.receive_window) = 5;
        o.auto_ack = false;
        o.read_ahead_bytes = 256u << 10;
    };
    const auto several_flights = [](broker_side& b) {
        while (!b.over())
            b.send_acknowledged(v4, 20);
    };
    return {
        {.name = "a_packet_too_large",
         .reached = [](const auto& s) { return s.oversize > 10; },
         .options =
             [](client_options& o) {
                 o.maximum_packet_size = 64u << 10;
                 o.oversize = oversize::discard;
             },
         .broker = [](broker_side& b) { flood(b, publish_packet("t", std::string(1u << 20, 'x'))); }},
        {.name = "received_and_not_deliverable",
         .version = v4,
         .reached = [](const auto& s) { return s.reading_stopped != 0; },
         .options = small_window,
         .broker = several_flights},
        {.name = "qos0_that_nobody_takes",
         .reached = [](const auto& s) { return s.qos0_dropped > 10'000; },
         .takes_messages = false,
         .broker = flood_qos0},
        {.name = "qos0_that_nobody_takes_and_that_stays_unread",
         .reached = [](const auto& s) { return s.reading_stopped != 0; },
         .options = [](client_options& o) { o.qos0_buffer_policy = qos0_buffer_policy::pause_reading; },
         .takes_messages = false,
         .broker = flood_qos0},
        {.name = "delivered_and_not_acknowledged",
         .reached =
             [](const auto& s) {
                 return s.window_filled != 0 && s.qos0_dropped + s.messages_delivered > 10'000;
             },
         .options = small_window,
         .broker =
             [](broker_side& b) {
                 b.send_acknowledged(v5, 7);
                 flood_qos0(b);
             }},
        {.name = "beyond_the_window",
         .reached = [](const auto& s) { return count_of(s, dropped::what::over_receive_maximum) > 5; },
         .options = small_window,
         .connections = several,
         .broker =
             [](broker_side& b) {
                 while (!b.over())
                     b.send_acknowledged(v5, 20);
             }},
        {.name = "unanswered_of_earlier_connections",
         .version = v4,
         .reached = [](const auto& s) { return s.forgotten > 20; },
         .options =
             [=](client_options& o) {
                 small_window(o);
                 o.clean_start = false;
             },
         .defers = true,
         .connections = several,
         .answer = {.session_present = true},
         .broker =
             [n = std::make_shared<std::size_t>(0)](broker_side& b) {
                 std::string chunk;
                 for (int i = 0; i < 5; ++i) // other ones on each connection
                     chunk += encoded(
                         publish_packet(
                             "t", std::string(1'000, 'x'), qos::at_least_once,
                             static_cast<std::uint16_t>(++*n % 60'000 + 1)),
                         v4);
                 b.send(chunk);
                 b.connection.stall(20ms);
             }},
        {.name = "topics_of_aliases",
         .reached = [](const auto& s) { return s.alias_bytes > 100'000; },
         .options = [](client_options& o) { o.topic_alias_maximum = 4; },
         .broker =
             [](broker_side& b) {
                 for (std::size_t n = 0; !b.over(); ++n) {
                     auto p = publish_packet(std::string(60'000 - n % 100, 'a'), "x");
                     p.props.set(property_id::topic_alias, static_cast<std::uint32_t>(1 + n % 4));
                     b.send(encoded(p, v5));
                 }
             }},
        {.name = "properties_of_one_packet",
         .reached = [](const auto& s) { return count_of(s, dropped::what::too_many_properties) > 10; },
         .broker =
             [](broker_side& b) {
                 auto p = publish_packet("t", "x", qos::at_least_once, 1);
                 for (int i = 0; i < 2'000; ++i)
                     p.props.add_user_property("name", "value");
                 const auto text = encoded(p, v5);
                 while (!b.over()) {
                     b.send(text);
                     b.take();
                 }
             }},
        {.name = "events_of_one_read",
         .version = v4,
         .reached = [](const auto& s) { return s.events_held > 10; },
         .broker =
             [](broker_side& b) {
                 std::string chunk;
                 for (int i = 0; i < 100'000; ++i)
                     chunk.append("\x30\x03\x00\x01t", 5);
                 while (!b.over())
                     b.send(chunk);
             }},
        {.name = "answers_that_are_not_read",
         .version = v4,
         .reached = [](const auto& s) { return s.reading_stopped != 0 && s.read_ahead == 0; },
         .options = [](client_options& o) { o.tcp_opts.send_buffer = 16u << 10; },
         .broker =
             [](broker_side& b) {
                 while (!b.over())
                     b.send_acknowledged(v4, 50, 1);
             }},
    };
}

std::vector<bound> of_what_goes() {
    return {
        {.name = "publishes_that_wait",
         .reached =
             [](const auto& s) {
                 return s.send_queue != 0 && count_of(s, dropped::what::send_queue_full) > 1'000;
             },
         .caller = [](client& c) { publish_some(c, qos::at_least_once, 1'000); }},
        {.name = "publishes_without_an_answer",
         .reached =
             [](const auto& s) {
                 return s.outbound_inflight == 100 && count_of(s, dropped::what::send_queue_full) > 1'000;
             },
         .caller = [](client& c) { publish_some(c, qos::exactly_once, 1'000); }},
        {.name = "bytes_that_are_not_written",
         .reached =
             [](const auto& s) {
                 return s.output_filled != 0 && count_of(s, dropped::what::send_queue_full) > 1'000;
             },
         .broker = [](broker_side& b) { b.wait_until_over(); },
         .caller = [](client& c) { publish_some(c, qos::at_most_once, 10'000); }},
        {.name = "calls_without_an_answer",
         .reached = [](const auto& s) { return s.calls_refused > 10'000; },
         .caller =
             [](client& c) {
                 for (int i = 0; i < 20; ++i) {
                     c.subscribe({{.filter = "f"}}, [](const auto&) {});
                     c.unsubscribe({"f"}, [](const auto&) {});
                     c.ping([](const auto&) {});
                 }
             }},
        {.name = "requests_without_a_response",
         .reached = [](const auto& s) { return s.calls_refused > 10'000; },
         .options = [](client_options& o) { o.response_prefix = "answers"; },
         .broker =
             [](broker_side& b) {
                 b.take();
                 b.connection.send(suback{.packet_id = 1, .codes = {reason_code::granted_qos_1}});
                 while (!b.over())
                     b.take();
             },
         .caller =
             [](client& c) {
                 for (int i = 0; i < 50; ++i)
                     c.request(message("ask", std::string(1'000, '?')), 1h, [](const auto&) {});
             }},
        {.name = "a_store_without_room",
         .reached = [](const auto& s) { return s.store_refused > 1'000; },
         .options =
             [folder = std::make_shared<temp_folder>()](client_options& o) {
                 o.clean_start = false;
                 o.session_expiry = 3'600;
                 o.store.path = folder->file("store");
                 o.store.bytes = 1u << 20;
             },
         .caller = [](client& c) { publish_some(c, qos::at_least_once, 10'000); }},
    };
}

} // namespace

void broker_side::send_acknowledged(protocol_version version, std::size_t count, std::size_t size) {
    std::string chunk;
    for (std::size_t i = 0; i < count; ++i) {
        id_ = static_cast<std::uint16_t>(id_ % 60'000 + 1);
        chunk += encoded(publish_packet("t", std::string(size, 'x'), qos::at_least_once, id_), version);
    }
    send(chunk);
}

std::vector<bound> all_bounds() {
    auto all = of_what_comes();
    for (auto& b : of_what_goes())
        all.push_back(std::move(b));
    return all;
}

} // namespace weir::mqtt
