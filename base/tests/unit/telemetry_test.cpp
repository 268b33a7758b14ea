#include <weir/base/telemetry.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

struct opened {
    static constexpr std::string_view event_name = "door.opened";
    int door;
};

struct closed {
    static constexpr std::string_view event_name = "door.closed";
    int door;
};

TEST(Telemetry, BuildsNothingWhenNobodyListens) {
    weir::telemetry bus;
    bool built = false;
    bus.emit<opened>([&] {
        built = true;
        return opened{1};
    });
    EXPECT_FALSE(built);
}

TEST(Telemetry, TellsEveryListenerOfAnEvent) {
    weir::telemetry bus;
    std::vector<int> seen;
    bus.attach<opened>("a", [&](const opened& e) { seen.push_back(e.door); });
    bus.attach<opened>("b", [&](const opened& e) { seen.push_back(e.door * 10); });
    bus.attach<closed>("a", [&](const closed& e) { seen.push_back(-e.door); });
    bus.emit<opened>([] { return opened{1}; });
    bus.emit<closed>([] { return closed{2}; });
    EXPECT_EQ(seen, (std::vector{1, 10, -2}));
}

TEST(Telemetry, DetachesAnIdFromAllItsEvents) {
    weir::telemetry bus;
    std::vector<int> seen;
    bus.attach<opened>("a", [&](const opened& e) { seen.push_back(e.door); });
    bus.attach<closed>("a", [&](const closed& e) { seen.push_back(-e.door); });
    bus.attach<closed>("b", [&](const closed& e) { seen.push_back(-10 * e.door); });
    bus.detach("a");
    bus.emit<opened>([] { return opened{1}; });
    bus.emit<closed>([] { return closed{2}; });
    EXPECT_EQ(seen, std::vector{-20});
}

TEST(Telemetry, DetachesAListenerThatThrowsAndReportsIt) {
    weir::telemetry bus;
    std::vector<std::string> reports;
    int calls = 0;
    int others = 0;
    bus.on_listener_failure([&](std::string_view event, std::string_view id, std::string_view what) {
        reports.push_back(std::string{event} + " " + std::string{id} + " " + std::string{what});
    });
    bus.attach<opened>("bad", [&](const opened&) {
        ++calls;
        throw std::runtime_error{"jammed"};
    });
    bus.attach<opened>("good", [&](const opened&) { ++others; });
    bus.emit<opened>([] { return opened{1}; });
    bus.emit<opened>([] { return opened{2}; });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(others, 2);
    EXPECT_EQ(reports, std::vector<std::string>{"door.opened bad jammed"});
}

TEST(Telemetry, ContainsAnyThrownObjectAndAFailingHook) {
    weir::telemetry bus;
    bus.on_listener_failure([](auto, auto, auto) { throw 1; });
    bus.attach<opened>("bad", [](const opened&) { throw 42; });
    EXPECT_NO_THROW(bus.emit<opened>([] { return opened{1}; }));
}

TEST(Telemetry, LetsAListenerDetachItself) {
    weir::telemetry bus;
    int calls = 0;
    bus.attach<opened>("once", [&](const opened&) {
        ++calls;
        bus.detach("once");
    });
    bus.emit<opened>([] { return opened{1}; });
    bus.emit<opened>([] { return opened{2}; });
    EXPECT_EQ(calls, 1);
}

TEST(Telemetry, AttachesAndDetachesWhileOthersEmit) {
    weir::telemetry bus;
    std::atomic<bool> done{false};
    std::atomic<int> seen{0};
    std::thread emitter{[&] {
        while (!done)
            bus.emit<opened>([] { return opened{1}; });
    }};
    for (int i = 0; i < 200; ++i) {
        bus.attach<opened>("x", [&](const opened& e) { seen += e.door; });
        bus.detach("x");
    }
    done = true;
    emitter.join();
    SUCCEED();
}

} // namespace
