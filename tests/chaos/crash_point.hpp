#pragma once

#include "stored_payloads.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/temp_folder.hpp"

#include <weir/mqtt/types/protocol_version.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weir::testing {

/// Who remembers that a message was received: nobody; the session store its packet id (`ids`); the session
/// store the whole message (`store`), and the sink its token as well (`tokens`); the sink (`receipts`).
enum class memory { nobody, ids, store, tokens, receipts };

[[nodiscard]] inline std::string_view name_of(memory m) {
    constexpr std::string_view names[] = {"nobody", "ids", "store", "tokens", "receipts"};
    return names[static_cast<std::size_t>(m)];
}

[[nodiscard]] inline auto every_memory() {
    return ::testing::Values(memory::nobody, memory::ids, memory::store, memory::tokens, memory::receipts);
}

/// How a test is called after its parameters.
[[nodiscard]] inline std::string name_of_case(
    const ::testing::TestParamInfo<std::tuple<memory, mqtt::protocol_version>>& one) {
    const auto version = std::get<mqtt::protocol_version>(one.param);
    const std::string_view suffix = version == mqtt::protocol_version::v5 ? "" : "_on_3_1_1";
    return std::string(name_of(std::get<memory>(one.param))).append(suffix);
}

/// Consumers of QoS 2, one after the other, that are lost at points of a test's choice, and what they leave.
class crash_point : public ::testing::TestWithParam<std::tuple<memory, mqtt::protocol_version>> {
  protected:
    [[nodiscard]] static memory who() { return std::get<memory>(GetParam()); }

    [[nodiscard]] static bool is_v5() {
        return std::get<mqtt::protocol_version>(GetParam()) == mqtt::protocol_version::v5;
    }

    [[nodiscard]] static bool keeps_receipts() { return who() == memory::receipts; }

    /// PUBREC leaves before a message is processed.
    [[nodiscard]] static bool takes_over() { return who() == memory::store || who() == memory::tokens; }

    /// There is a session store.
    [[nodiscard]] static bool has_store() { return takes_over() || who() == memory::ids; }

    /// The sink can tell a message that it has from a new one.
    [[nodiscard]] static bool sink_remembers() { return keeps_receipts() || who() == memory::tokens; }

    /// The consumer's sink is no database but a file with two lines a message, which are two steps.
    void work_in_parts() { file_ = "chaos.parts"; }

    void start_consumer(std::uint16_t port, const std::string& point = {}, int window = 100) {
        std::filesystem::remove(path() + ".stuck");
        std::filesystem::remove(path() + ".go");
        consumer_.emplace(
            std::vector<std::string>{
                CHAOS_CONSUMER, std::to_string(port), is_v5() ? "v5" : "v4", "2", path(),
                std::string(name_of(who())), point, std::to_string(window)},
            folder_.file("log"));
    }

    [[nodiscard]] bool is_stuck() const { return std::filesystem::exists(path() + ".stuck"); }

    /// Lets go what is stuck.
    void let_go() const { write_file(path() + ".go", ""); }

    [[nodiscard]] bool has_died() { return consumer_->wait(std::chrono::seconds{10}).has_value(); }

    void kill() {
        consumer_->signal(SIGKILL);
        ASSERT_TRUE(consumer_->wait(std::chrono::seconds{5}));
    }

    void stop() {
        consumer_->signal(SIGTERM);
        EXPECT_THAT(consumer_->wait(std::chrono::seconds{10}), ::testing::AnyOf(0, SIGTERM))
            << "which may come before it minds signals";
    }

    void lose_the_disk() const { std::filesystem::remove_all(path() + ".session"); }

    /// What the consumers have written.
    [[nodiscard]] std::vector<std::string> stored() const {
        if (path().ends_with(".db")) return stored_payloads(path());
        std::istringstream text(read_file(path()));
        std::vector<std::string> lines;
        for (std::string line; std::getline(text, line);)
            lines.push_back(line);
        return lines;
    }

    [[nodiscard]] std::string consumer_log() const { return read_file(folder_.file("log")); }

  private:
    [[nodiscard]] std::string path() const { return folder_.file(file_); }

    temp_folder folder_;
    std::string file_{"chaos.db"};
    std::optional<child> consumer_;
};

} // namespace weir::testing
