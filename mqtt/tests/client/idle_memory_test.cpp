// What a connection costs on which nothing happens.
#include "client_fixture.hpp"
#include "support/certificates.hpp"
#include "support/mosquitto.hpp"
#include "support/resident_bytes.hpp"
#include "support/sanitized.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using weir::testing::certificate_authority;
using weir::testing::free_port;
using weir::testing::mosquitto;
using weir::testing::resident_bytes;
using weir::testing::temp_folder;
using weir::testing::write_file;

constexpr std::size_t connections = 1'000;
constexpr std::size_t warm_up = 50; ///< until what all have in common is there

class ready_counter final : public client_observer {
  public:
    void on_ready() override { ++ready; }

    counter ready;
};

class idle_memory : public ::testing::Test {
  protected:
    void SetUp() override {
        if (weir::testing::is_sanitized) GTEST_SKIP() << "a sanitizer's own memory is in the way";
        WEIR_NEEDS_MOSQUITTO();
    }

    /// One after the other: what connecting needs for a moment is then needed once.
    void connect_up_to(std::size_t count, const client_options& options) {
        while (clients_.size() < count) {
            auto o = options;
            o.clientid = "idle-" + std::to_string(clients_.size());
            clients_.push_back(std::make_unique<client>(lane_, std::move(o), observer_));
            clients_.back()->start();
            clients_.back()->demand(100);
            ASSERT_TRUE(observer_.ready.wait_for(static_cast<int>(clients_.size())));
        }
    }

    std::size_t bytes_per_connection(client_options options) {
        options.low_mem = true;
        connect_up_to(warm_up, options);
        const auto before = resident_bytes();
        connect_up_to(warm_up + connections, options);
        return (resident_bytes() - before) / connections;
    }

    io_lane lane_{"idle"};
    ready_counter observer_;
    std::vector<std::unique_ptr<client>> clients_;
};

TEST_F(idle_memory, of_a_plain_connection_is_at_most_16_KiB) {
    const mosquitto broker;
    client_options o;
    o.host = "127.0.0.1";
    o.port = broker.port();
    EXPECT_LE(bytes_per_connection(o), 16u << 10);
}

TEST_F(idle_memory, of_a_connection_over_tls_is_at_most_64_KiB) {
    const certificate_authority ca;
    const temp_folder folder;
    const auto own = ca.issue({.names = {"IP:127.0.0.1"}});
    write_file(folder.file("cert.pem"), own.certificate);
    write_file(folder.file("key.pem"), own.key);
    const auto port = free_port();
    const mosquitto broker{
        "listener " + std::to_string(port) + " 127.0.0.1\ncertfile " + folder.file("cert.pem") +
        "\nkeyfile " + folder.file("key.pem") + '\n'};
    client_options o;
    o.host = "mqtts://127.0.0.1:" + std::to_string(port);
    o.ssl_opts.ca_data = ca.certificate();
    EXPECT_LE(bytes_per_connection(o), 64u << 10);
}

} // namespace
} // namespace weir::mqtt
