#pragma once

#include "backlog.hpp"
#include "event_queue.hpp"
#include "invocation.hpp"
#include "prompt.hpp"
#include "shell_client.hpp"
#include "system/line_reader.hpp"
#include "system/wait_point.hpp"

#include <weir/mqtt/io_lane.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// Takes commands, a line each, and writes one JSON object a line for whatever happens.
class shell final : shell_control {
  public:
    static constexpr std::size_t most_clients = 100;
    static constexpr std::size_t longest_line = 1u << 20;

    /// Commands come from `input`. `strict`: the first bad line or failed wait is the end.
    shell(int input, bool strict);
    ~shell();

    /// Until the input ends, `quit`, a signal, or nobody reads any more; all clients have disconnected then.
    /// Returns the exit code.
    [[nodiscard]] int run();

  private:
    /// A client, and what no `wait` has seen of it.
    struct slot {
        std::unique_ptr<shell_client> client;
        backlog unseen;
    };

    /// What keeps the next command from being read.
    struct hold_up {
        slot* of;
        std::optional<event_match> wanted;
        std::chrono::steady_clock::time_point begin;
        std::chrono::steady_clock::time_point end;
        answer told;
    };

    void step();
    void await();
    void run_line(const std::string& text);
    void run_command(command_line c);
    void refuse(const std::string& text);
    void settle_hold();
    void close_all();

    [[nodiscard]] bool write_events();
    [[nodiscard]] slot& slot_of(const std::string& name);
    [[nodiscard]] int status() const;

    void hold(
        shell_client& on, std::optional<event_match> wanted, std::chrono::milliseconds limit,
        const answer& told) override;

    void quit() override { ending_ = true; }

    [[nodiscard]] std::vector<const shell_client*> clients() const override;
    void say(const std::string& text) override;

    wait_point waiting_;
    prompt prompt_;
    line_reader input_;
    bool strict_;
    event_queue events_;
    mqtt::io_lane lane_{"weir-shell"};
    std::map<std::string, slot> slots_;
    std::optional<hold_up> held_;
    std::uint64_t line_{0}; ///< number of the last one, from 1
    bool ending_{false};
    bool output_closed_{false};
    bool had_bad_line_{false};
    bool had_failed_wait_{false};
};

} // namespace weir::tool
