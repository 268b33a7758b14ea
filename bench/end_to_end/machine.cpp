#include "machine.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace weir::bench {

namespace {

std::string processor() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
    return "unknown";
}

std::string kernel() {
    utsname name{};
    return uname(&name) == 0 ? std::string(name.sysname) + " " + name.release : "unknown";
}

} // namespace

std::map<std::string, std::string> describe_machine() {
    return {
        {"processor", processor()},
        {"cores", std::to_string(std::thread::hardware_concurrency())},
        {"kernel", kernel()},
        {"compiler", "g++ or clang " __VERSION__}};
}

} // namespace weir::bench
