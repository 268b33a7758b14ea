#include "tool_support/weir_process.hpp"

#include <sys/wait.h>

namespace weir::testing {

namespace {

/// Sends the three standard streams to the first three arguments and becomes the rest.
constexpr const char* redirect = R"(in=$1; out=$2; err=$3; shift 3; exec "$@" <"$in" >"$out" 2>"$err")";

} // namespace

weir_process::weir_process(const std::vector<std::string>& arguments, const std::string& input)
    : process_(command(arguments, input), folder_.file("log")) {}

std::vector<std::string> weir_process::command(
    const std::vector<std::string>& arguments, const std::string& input) const {
    write_file(folder_.file("in"), input);
    std::vector<std::string> all{
        "/bin/sh",           "-c",        redirect, "sh", folder_.file("in"), folder_.file("out"),
        folder_.file("err"), WEIR_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

int weir_process::wait(std::chrono::milliseconds limit) {
    const auto status = process_.wait(limit);
    if (!status) return -1;
    return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
}

} // namespace weir::testing
