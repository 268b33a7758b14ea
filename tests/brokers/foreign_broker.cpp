#include "brokers/foreign_broker.hpp"

#include "support/eventually.hpp"
#include "support/mosquitto.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace weir::testing {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

bool is_program(const std::string& path) {
    return ::access(path.c_str(), X_OK) == 0;
}

/// Debian has one folder of RabbitMQ for each version; the wrapper in PATH insists on another user.
std::string rabbitmq_server() {
    std::error_code none;
    for (const auto& version : fs::directory_iterator("/usr/lib/rabbitmq/lib", none))
        if (const auto path = version.path() / "sbin/rabbitmq-server"; is_program(path)) return path;
    return {};
}

/// The folder where Debian puts Erlang libraries, ejabberd among them, depends on the architecture.
std::string erlang_libraries() {
    std::error_code none;
    for (const auto& architecture : fs::directory_iterator("/usr/lib", none)) {
        for (const auto& library : fs::directory_iterator(architecture.path(), none))
            if (library.path().filename().string().starts_with("ejabberd-")) return architecture.path();
    }
    return {};
}

std::string node_modules() {
    for (const auto* path : {"/usr/local/lib/node_modules", "/usr/lib/node_modules"})
        if (fs::exists(fs::path(path) / "aedes")) return path;
    return {};
}

std::vector<std::string> with_environment(
    std::vector<std::string> variables, const std::vector<std::string>& command) {
    variables.insert(variables.begin(), "/usr/bin/env");
    variables.insert(variables.end(), command.begin(), command.end());
    return variables;
}

/// An epmd of its own, since the machine's would outlive the test. Under systemd the script becomes the
/// broker; else it starts one that would outlive it.
std::vector<std::vector<std::string>> prepare_rabbitmq(const temp_folder& folder, std::uint16_t port) {
    const auto epmd = std::to_string(free_port());
    const auto home = folder.path().string();
    write_file(
        folder.file("rabbitmq.conf"), "listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:" +
                                          std::to_string(port) + "\nmqtt.allow_anonymous = true\n");
    write_file(folder.file("plugins"), "[rabbitmq_mqtt].\n");
    return {
        {"/usr/bin/epmd", "-port", epmd, "-address", "127.0.0.1"},
        with_environment(
            {"HOME=" + home, "ERL_EPMD_PORT=" + epmd, "ERL_EPMD_ADDRESS=127.0.0.1",
             "RABBITMQ_NODENAME=weir@localhost", "RABBITMQ_DIST_PORT=" + std::to_string(free_port()),
             "RABBITMQ_CONF_ENV_FILE=/dev/null", "RABBITMQ_CONFIG_FILE=" + folder.file("rabbitmq.conf"),
             "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder.file("plugins"), "RABBITMQ_MNESIA_BASE=" + home,
             "RABBITMQ_LOG_BASE=" + home, "RABBITMQ_LOGS=-", "RABBITMQ_PID_FILE=" + folder.file("pid"),
             "RABBITMQ_GENERATED_CONFIG_DIR=" + home, "RUNNING_UNDER_SYSTEMD=true"},
            {rabbitmq_server()})};
}

std::vector<std::vector<std::string>> prepare_ejabberd(const temp_folder& folder, std::uint16_t port) {
    write_file(
        folder.file("ejabberd.yml"),
        "hosts: [localhost]\nloglevel: warning\nlisten:\n  - port: " + std::to_string(port) +
            "\n    ip: 127.0.0.1\n    module: mod_mqtt\nauth_method: anonymous\n"
            "allow_multiple_connections: true\nanonymous_protocol: both\n"
            "modules:\n  mod_mqtt:\n    max_queue: unlimited\n"
            "    session_expiry: 3600 s\n");
    return {with_environment(
        {"HOME=" + folder.path().string(), "ERL_LIBS=" + erlang_libraries(),
         "EJABBERD_CONFIG_PATH=" + folder.file("ejabberd.yml"),
         "EJABBERD_LOG_PATH=" + folder.file("ejabberd.log")},
        {"/usr/bin/erl", "-noinput", "-noshell", "-mnesia", "dir", '"' + folder.file("mnesia") + '"', "-s",
         "ejabberd"})};
}

std::vector<std::vector<std::string>> prepare_aedes(const temp_folder& /*folder*/, std::uint16_t port) {
    return {with_environment(
        {"NODE_PATH=" + node_modules()}, {"/usr/bin/node", AEDES_SCRIPT, std::to_string(port)})};
}

/// What all three have with MQTT 3.1.1.
const broker_features with_3_1_1{
    .retained = true, .cleared = true, .will = true, .no_will = true, .session_present = true, .kept = true};

/// Neither lets a message expire while it waits for its consumer, nor shares a subscription.
const broker_features ejabberd_with_5_0{
    .retained = true,
    .cleared = true,
    .will = true,
    .no_will = true,
    .session_present = true,
    .kept = true,
    .user_properties = true,
    .request_response = true,
    .subscription_ids = true,
    .no_local = true,
    .retain_as_published = true,
    .retain_handling = true,
    .topic_aliases = true,
    .assigned_id = true};

} // namespace

broker_recipe rabbitmq() {
    return {
        .name = "rabbitmq",
        .package = "apt install rabbitmq-server",
        .is_installed = [] { return !rabbitmq_server().empty(); },
        .prepare = prepare_rabbitmq,
        .features = with_3_1_1};
}

broker_recipe ejabberd() {
    return {
        .name = "ejabberd",
        .package = "apt install ejabberd",
        .is_installed = [] { return !erlang_libraries().empty(); },
        .prepare = prepare_ejabberd,
        .username = "weir@localhost",
        .password = "any",
        .features = with_3_1_1,
        .features_5 = ejabberd_with_5_0};
}

broker_recipe aedes() {
    return {
        .name = "aedes",
        .package = "npm install -g aedes",
        .is_installed = [] { return is_program("/usr/bin/node") && !node_modules().empty(); },
        .prepare = prepare_aedes,
        .may_forget_acks = true,
        .features = with_3_1_1};
}

foreign_broker::foreign_broker(const broker_recipe& recipe) {
    constexpr int most_attempts = 3;
    for (int attempt = 1; !starts(recipe); ++attempt)
        if (attempt == most_attempts) throw std::runtime_error(recipe.name + " does not answer:\n" + log());
}

/// One of the ports it needs may have been taken since it was found free.
bool foreign_broker::starts(const broker_recipe& recipe) {
    stop();
    port_ = free_port();
    for (const auto& command : recipe.prepare(folder_, port_))
        processes_.push_back(std::make_unique<child>(command, folder_.file("log")));
    const auto up = [this] { return answers(port_) || !processes_.back()->running(); };
    return eventually(up, 120s) && answers(port_);
}

foreign_broker::~foreign_broker() {
    stop();
}

/// The last one first, which needs the others.
void foreign_broker::stop() {
    while (!processes_.empty())
        processes_.pop_back();
}

} // namespace weir::testing
