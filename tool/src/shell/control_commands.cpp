// What concerns the shell itself.
#include "invocation.hpp"

#include <fmt/format.h>

#include <utility>

namespace weir::tool {

namespace {

using namespace std::chrono_literals;

void wait(invocation& i) {
    auto name = i.words.needed("event").text;
    const auto limit = i.words.span("timeout").value_or(10s);
    auto fields = i.words.everything();
    for (const auto& f : fields) {
        if (f.key.empty()) throw bad_command("unexpected word " + f.text + ": allowed: field=value");
    }
    i.shell.hold(i.on, event_match(std::move(name), std::move(fields)), limit, i.out);
}

void sleep(invocation& i) {
    const auto limit = to_span("time", i.words.needed("time").text);
    i.words.finish();
    i.shell.hold(i.on, std::nullopt, limit, i.out);
}

void clients(invocation& i) {
    i.words.finish();
    json_value list = json_value::array();
    for (const auto* c : i.shell.clients())
        list.push_back({{"client", c->name()}, {"state", c->state()}, {"client_id", c->client_id()}});
    i.out.done({{"clients", std::move(list)}});
}

void help(invocation& i) {
    const auto name = i.words.positional("command");
    i.words.finish();
    i.shell.say(help_text(name ? name->text : std::string{}));
    i.out.done();
}

void quit(invocation& i) {
    i.words.finish();
    i.shell.quit();
    i.out.done();
}

} // namespace

const std::vector<command_rule>& control_commands() {
    static const std::vector<command_rule> list{
        {"wait", "wait EVENT [FIELD=value...] [timeout=10s]",
         "holds the next command until the client has told of such an event since the last wait", wait},
        {"sleep", "sleep TIME", "holds the next command for that long", sleep},
        {"clients", "clients", "all clients and their states", clients},
        {"help", "help [COMMAND]", "", help},
        {"quit", "quit", "disconnects all clients and ends, as the end of the input does", quit},
    };
    return list;
}

const std::vector<command_rule>& command_rules() {
    static const auto all = [] {
        std::vector<command_rule> out;
        for (const auto* part :
             {&connection_commands(), &message_commands(), &receiving_commands(), &control_commands()})
            out.insert(out.end(), part->begin(), part->end());
        return out;
    }();
    return all;
}

std::string help_text(const std::string& name) {
    std::string out;
    for (const auto& rule : command_rules()) {
        if (!name.empty() && rule.name != name) continue;
        out += rule.usage + '\n';
        if (!rule.what.empty()) out += "    " + rule.what + '\n';
    }
    if (out.empty()) throw bad_command("command = " + name + ": allowed: one that `help` lists");
    if (name == "connect") return out + '\n' + client_settings_reference();
    if (name.empty())
        out += "\nValues: text without blanks, \"JSON string\", [..] or {..} to the closing bracket, hex:.., "
               "base64:.., file:PATH.\n@name in front of a command names the client. # begins a comment.\n";
    return out;
}

} // namespace weir::tool
