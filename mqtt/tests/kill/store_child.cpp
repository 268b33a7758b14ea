// A client with a session store, to be killed: `store_child <publish|finish|receive|receive_first>
// <directory> <port> [<run>]`. It says on its standard output, a line each, what it must be held to: "stored
// <payload>" when a message is in the store, "took <number> <payload>" when a received one has been
// processed, "done" at the end.
#include <weir/mqtt/client.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>

namespace {

using namespace weir::mqtt;
using namespace std::chrono_literals;

void say(const std::string& line) {
    const auto text = line + "\n";
    if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::_Exit(3);
}

class taker final : public client_observer {
  public:
    client* owner{nullptr};

    void on_messages(std::span<message_received> messages) override {
        for (const auto& m : messages) {
            say("took " + std::to_string(m.stored) + " " + std::string(m.received.payload.text()));
            const ack_outcome done{.token = m.token};
            owner->acknowledge(std::span{&done, 1});
        }
    }

    void on_gave_up(const weir::error& reason) override {
        say("gave up: " + reason.message());
        std::_Exit(4);
    }
};

client_options options_of(const std::string& mode, const char* directory, const char* port) {
    client_options o;
    o.host = "127.0.0.1";
    o.port = static_cast<std::uint16_t>(std::atoi(port));
    o.clientid = "child";
    o.clean_start = false;
    o.session_expiry = 3600;
    o.auto_ack = false;
    o.backoff_min = 10ms;
    o.store.path = directory;
    if (mode == "receive_first") o.qos2_receive = qos2_receive::store_first;
    return o;
}

/// Until it is killed.
void publish_for_ever(client& c, const std::string& run) {
    std::atomic<int> under_way{0};
    for (int n = 0;; ++n) {
        while (under_way >= 64)
            std::this_thread::sleep_for(100us);
        ++under_way;
        const auto level = n % 2 == 0 ? qos::exactly_once : qos::at_least_once;
        const auto text = std::to_string(static_cast<int>(level)) + "-" + run + "-" + std::to_string(n);
        c.publish(
            {.topic = weir::bytes::copy("t"), .payload = weir::bytes::copy(text), .qos = level},
            [&under_way](const publish_done&) { --under_way; }, {}, [text] { say("stored " + text); });
    }
}

/// Until everything in the store has been answered.
void finish(client& c) {
    while (true) {
        const auto s = c.stats();
        if (s.connections != 0 && s.send_queue == 0 && s.outbound_inflight == 0) return;
        std::this_thread::sleep_for(1ms);
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count < 4) return 2;
    const std::string mode = arguments[1];
    io_lane lane;
    taker observer;
    client c{lane, options_of(mode, arguments[2], arguments[3]), observer};
    observer.owner = &c;
    c.start();
    c.demand(std::numeric_limits<std::size_t>::max());
    if (mode == "publish") publish_for_ever(c, count > 4 ? arguments[4] : "0");
    if (mode == "finish") {
        finish(c);
        c.stop();
        say("done");
        return 0;
    }
    c.subscribe({{.filter = "t", .qos = qos::exactly_once}}, [](const subscribe_done&) { say("ready"); });
    while (true)
        std::this_thread::sleep_for(1h);
}
