// A user's program as small as it can be and still need every library: it starts a pipeline that has no broker to
// talk to, and stops it.

#include <weir/weir.hpp>

#include <chrono>
#include <string>

namespace {

struct reading {
    std::string text;
};

weir::result<reading> decode_reading(const weir::inbound& in) {
    return reading{std::string{in.payload().text()}};
}

struct readings {
    void handle_message(weir::message<reading>& m) {
        if (m.data.text.empty()) m.fail("empty");
    }

    void handle_batch(weir::batch<reading>&) {}
};

} // namespace

int main() {
    using namespace std::chrono_literals;
    auto running = weir::start(
        readings{}, decode_reading,
        {
            .name = "app",
            .producer =
                {.topics = {{"a/#", weir::qos::at_least_once}},
                 .config = {.host = "127.0.0.1", .port = 1, .clientid = "app"}},
            .batchers = {{.name = "default"}},
        });
    return running.stop(5s).drained ? 0 : 1;
}
