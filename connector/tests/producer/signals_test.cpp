// What the signals of a program that runs a pipeline do when a callback never returns.
#include "producer_fixture.hpp"

#include <weir/weir.hpp>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

namespace weir::connector {
namespace {

std::atomic<bool> is_hanging{false}; // NOLINT: there is one callback

struct hanging_handler {
    static void handle_message(message<bytes>&) {
        is_hanging = true;
        for (;;)
            std::this_thread::sleep_for(1s);
    }
};

bool is_caught() {
    struct sigaction now {};

    ::sigaction(SIGTERM, nullptr, &now);
    return now.sa_handler != SIG_DFL;
}

void run_and_send_three_signals() {
    scripted_broker broker({ready().send(qos1(1)).stall(60s)});
    connector::options o;
    o.name = "hanging";
    o.producer.topics = {{"a", mqtt::qos::at_least_once}};
    o.producer.config.host = "127.0.0.1";
    o.producer.config.port = broker.port();
    o.producer.config.clientid = "hanging";
    auto running = start(hanging_handler{}, o);
    std::thread sender([&] {
        while (!is_hanging || !is_caught())
            std::this_thread::sleep_for(1ms);
        ::kill(::getpid(), SIGTERM);
        while (running.state() == pipeline::state::running)
            std::this_thread::sleep_for(1ms);
        ::kill(::getpid(), SIGTERM);
        std::this_thread::sleep_for(300ms); // it would be gone by now
        std::fputs("after two\n", stderr);
        ::kill(::getpid(), SIGTERM);
    });
    static_cast<void>(run_until_signal(running));
    sender.join();
}

TEST(signals, the_third_one_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(run_and_send_three_signals(), ::testing::KilledBySignal(SIGTERM), "after two");
}

} // namespace
} // namespace weir::connector
