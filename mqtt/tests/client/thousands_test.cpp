// Thousands of clients on one lane. WEIR_CLIENTS says how many; for 10,000 over sockets each of the two
// processes has to be allowed as many open files and some more.
#include "client_fixture.hpp"
#include "support/memory_stream.hpp"
#include "support/mosquitto.hpp"
#include "support/resident_bytes.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using weir::testing::mosquitto;
using weir::testing::resident_bytes;

int clients_or(int usual) {
    const char* const asked = std::getenv("WEIR_CLIENTS");
    return asked == nullptr ? usual : std::atoi(asked);
}

std::size_t threads_of_this_process() {
    const std::filesystem::directory_iterator all{"/proc/self/task"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Whether this process, and those it starts, may have so many files open.
bool may_open(int files) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= static_cast<rlim_t>(files);
}

long milliseconds_since(clock::time_point begin) {
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin).count());
}

class thousands_of_clients : public ::testing::Test {
  protected:
    struct up_observer final : client_observer {
        void on_ready() override { ++ready; }

        counter ready;
    };

    /// So many at a time, as a server lets them in.
    void connect(int count, int at_a_time, const client_options& options) {
        while (static_cast<int>(all_.size()) < count) {
            const auto next = std::min(static_cast<int>(all_.size()) + at_a_time, count);
            while (static_cast<int>(all_.size()) < next) {
                auto o = options;
                o.clientid = "one-of-many-" + std::to_string(all_.size());
                all_.push_back(std::make_unique<client>(lane_, std::move(o), observer_));
                all_.back()->start();
            }
            ASSERT_TRUE(observer_.ready.wait_for(next, 2min));
        }
    }

    /// One message of each is answered.
    void publish_with_all() {
        counter answered;
        for (const auto& c : all_)
            c->publish(message("t", "x", qos::at_least_once), [&](const publish_done& d) {
                EXPECT_FALSE(d.failed) << d.failed.message();
                ++answered;
            });
        ASSERT_TRUE(answered.wait_for(static_cast<int>(all_.size()), 2min));
    }

    void stop_all() {
        counter stopped;
        for (const auto& c : all_)
            c->stop(reason_code::normal_disconnection, {}, [&] { ++stopped; });
        ASSERT_TRUE(stopped.wait_for(static_cast<int>(all_.size()), 2min));
    }

    up_observer observer_;
    io_lane lane_;
    std::vector<std::unique_ptr<client>> all_;
};

TEST_F(thousands_of_clients, share_a_thread) {
    const auto before = threads_of_this_process();
    auto o = quick_options(1883);
    o.byte_stream = [](io_lane& lane) { return std::make_unique<memory_stream>(lane); };
    const auto count = clients_or(3'000);
    connect(count, count, o);
    EXPECT_EQ(threads_of_this_process(), before);
    stop_all();
}

TEST_F(thousands_of_clients, share_a_thread_over_sockets) {
    WEIR_NEEDS_MOSQUITTO();
    const auto count = clients_or(500);
    if (!may_open(count + 100)) GTEST_SKIP() << count + 100 << " open files are not allowed";
    const mosquitto broker;
    auto o = quick_options(broker.port());
    o.connect_timeout = 1min;
    o.low_mem = true;
    const auto threads = threads_of_this_process();
    const auto memory = resident_bytes();
    const auto began = clock::now();
    connect(count, 100, o);
    const auto up = milliseconds_since(began);
    const auto each = (resident_bytes() - memory) / static_cast<std::size_t>(count);
    const auto published = clock::now();
    publish_with_all();
    std::cout << count << " connections in " << up << " ms, " << each
              << " bytes each; a message of each answered in " << milliseconds_since(published) << " ms\n";
    EXPECT_EQ(threads_of_this_process(), threads);
    EXPECT_EQ(observer_.ready, count) << "none was lost";
    stop_all();
}

} // namespace
} // namespace weir::mqtt
