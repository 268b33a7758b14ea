#include "shell.hpp"

#include "command/command.hpp"
#include "config/suggest.hpp"
#include "output/output_line.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <system_error>
#include <utility>

namespace weir::tool {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string first_client = "main";

const command_rule* find_rule(const std::string& name) {
    const auto& all = command_rules();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string unknown_command(const std::string& name) {
    std::vector<std::string> known;
    for (const auto& r : command_rules())
        known.push_back(r.name);
    const auto meant = nearest(name, known);
    return fmt::format(
        "unknown command {}{} (commands: {})", name, meant ? ", did you mean " + *meant + '?' : "",
        fmt::join(known, ", "));
}

} // namespace

shell::shell(int input, bool strict)
    : prompt_(input)
    , input_(input, longest_line)
    , strict_(strict)
    , events_([this] { waiting_.notify(); }) {
    waiting_.watch_output(STDOUT_FILENO);
}

shell::~shell() {
    close_all();
}

int shell::run() {
    while (!ending_ && !output_closed_)
        step();
    if (held_) std::exchange(held_, std::nullopt)->told.failed({mqtt::errc::aborted, "the shell ends"});
    close_all();
    events_.tell("end", {}, {{"status", status()}});
    if (!output_closed_) output_closed_ = !write_events();
    return status();
}

void shell::step() {
    if (!write_events()) {
        output_closed_ = true;
        return;
    }
    settle_hold();
    if (held_ || ending_) return ending_ ? void() : await();
    std::string text;
    switch (input_.next(text)) {
    case line_reader::state::ready: return run_line(text);
    case line_reader::state::too_long:
        ++line_;
        return refuse(fmt::format("longer than {} bytes", longest_line));
    case line_reader::state::ended: ending_ = true; return;
    case line_reader::state::waiting: return await();
    }
}

void shell::await() {
    if (!held_) prompt_.show();
    const auto limit = held_ ? time_left(held_->end) : 1h;
    switch (waiting_.wait(limit, held_ ? -1 : input_.descriptor())) {
    case wait_point::wake::signal: ending_ = true; break;
    case wait_point::wake::output_closed: output_closed_ = true; break;
    case wait_point::wake::input: input_.read_more(); break;
    default: break;
    }
}

void shell::run_line(const std::string& text) {
    ++line_;
    auto parsed = parse_command(text);
    if (!parsed) return refuse(parsed.error().detail);
    if (*parsed) run_command(std::move(**parsed));
}

void shell::run_command(command_line c) {
    const auto* const rule = find_rule(c.name);
    if (rule == nullptr) return refuse(unknown_command(c.name));
    try {
        auto& s = slot_of(c.client.empty() ? first_client : c.client);
        arguments words(std::move(c.words));
        invocation i{*s.client, words, {events_, s.client->name(), line_, c.name}, *this};
        try {
            rule->run(i);
        } catch (const no_client& e) {
            i.out.failed({mqtt::errc::not_connected, e.what()});
        }
    } catch (const bad_command& e) {
        refuse(fmt::format("{}: {}", c.name, e.what()));
    }
}

void shell::refuse(const std::string& text) {
    events_.tell("error", {}, {{"line", line_}, {"text", text}});
    had_bad_line_ = true;
    if (strict_) ending_ = true;
}

shell::slot& shell::slot_of(const std::string& name) {
    const auto found = slots_.find(name);
    if (found != slots_.end()) return found->second;
    if (slots_.size() >= most_clients)
        throw bad_command(fmt::format("there are {} clients already", most_clients));
    return slots_.emplace(name, slot{std::make_unique<shell_client>(name, lane_, events_), {}}).first->second;
}

bool shell::write_events() {
    auto all = events_.take();
    if (all.empty()) return true;
    prompt_.clear();
    std::string lines;
    for (auto& e : all) {
        const auto line = to_line(e.object);
        lines += line;
        const auto of = slots_.find(e.client);
        if (of != slots_.end()) of->second.unseen.add(std::move(e.object), line.size());
    }
    if (!write_output(lines)) return false;
    for (auto& [name, s] : slots_)
        s.client->ask_for_more();
    return true;
}

void shell::hold(
    shell_client& on, std::optional<event_match> wanted, std::chrono::milliseconds limit,
    const answer& told) {
    const auto now = clock::now();
    // Further than any test or person waits, and still a point in time.
    held_ = hold_up{
        &slot_of(on.name()), std::move(wanted), now,
        now + std::min<std::chrono::milliseconds>(limit, 24h * 365), told};
}

void shell::settle_hold() {
    if (!held_) return;
    const bool came = held_->wanted && held_->of->unseen.take(*held_->wanted);
    if (!came && clock::now() < held_->end) return;
    const auto over = *std::exchange(held_, std::nullopt);
    json_value fields{{"waited_ms", to_milliseconds(clock::now() - over.begin)}};
    if (came || !over.wanted) return over.told.done(fields);
    had_failed_wait_ = true;
    if (strict_) ending_ = true;
    if (const auto n = over.of->unseen.forgotten(); n > 0) fields["forgotten"] = n;
    over.told.failed(error{std::make_error_code(std::errc::timed_out), "no such event came"}, fields);
}

void shell::close_all() {
    std::vector<std::future<void>> closing;
    for (auto& [name, s] : slots_) {
        if (s.client->exists())
            closing.push_back(std::async(std::launch::async, [&c = *s.client] {
                static_cast<void>(c.disconnect(mqtt::reason_code::normal_disconnection, {}));
            }));
    }
    for (auto& c : closing)
        c.get();
}

int shell::status() const {
    if (had_failed_wait_) return exit_code::timed_out;
    if (had_bad_line_ && !prompt_.is_terminal()) return exit_code::usage;
    return output_closed_ ? exit_code::failed : exit_code::done;
}

std::vector<const shell_client*> shell::clients() const {
    std::vector<const shell_client*> out;
    for (const auto& [name, s] : slots_)
        out.push_back(s.client.get());
    return out;
}

void shell::say(const std::string& text) {
    prompt_.clear();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

} // namespace weir::tool
