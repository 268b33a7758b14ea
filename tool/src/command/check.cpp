#include "command.hpp"
#include "config/load.hpp"
#include "output/console.hpp"
#include "output/output_line.hpp"

#include <string>

namespace weir::tool {

namespace {

struct check_arguments {
    std::string file{};
    bool keys{false};
};

int check(const check_arguments& arguments, console& errors) {
    if (arguments.keys) return write_output(key_reference()) ? exit_code::done : exit_code::failed;
    const auto l = load_file(arguments.file);
    if (!l.faults.empty()) {
        errors.line(describe(arguments.file, l.faults));
        return exit_code::usage;
    }
    return write_output(print(l.config)) ? exit_code::done : exit_code::failed;
}

} // namespace

void add_check(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command =
        app.add_subcommand("check", "Check a configuration and print what is in force, secrets masked");
    const auto arguments = std::make_shared<check_arguments>();
    auto* const file = command->add_option("file", arguments->file, "Configuration, TOML");
    auto* const keys = command->add_flag("--keys", arguments->keys, "Print every key a file may have");
    file->excludes(keys);
    command->callback([=, &chosen] {
        if (arguments->file.empty() && !arguments->keys) throw CLI::RequiredError("file");
        chosen = [=] { return check(*arguments, *errors); };
    });
}

} // namespace weir::tool
