#include "fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace weir::tool {

namespace {

std::string describe_one(const std::string& file, const config_fault& f) {
    std::string out = file;
    if (f.line != 0) out += fmt::format(":{}:{}", f.line, f.column);
    if (!f.path.empty()) out += ": " + f.path;
    if (!f.value.empty()) out += " = " + f.value;
    return out + ": " + f.text;
}

} // namespace

std::string describe(const std::string& file, std::vector<config_fault> faults) {
    std::stable_sort(faults.begin(), faults.end(), [](const auto& a, const auto& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    std::string out;
    for (const auto& f : faults)
        out += describe_one(file, f) + '\n';
    return out;
}

} // namespace weir::tool
