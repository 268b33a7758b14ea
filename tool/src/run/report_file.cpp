#include "report_file.hpp"

#include "output/output_line.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace weir::tool {

namespace {

std::string draft_of(const std::string& path) {
    return path + ".new";
}

} // namespace

void check_report(const std::string& path) {
    if (path == "-") return;
    const std::ofstream out(draft_of(path), std::ios::binary | std::ios::app);
    if (!out || std::filesystem::is_directory(path))
        throw std::runtime_error(path + ": cannot write the report");
}

void write_report(const std::string& path, const std::string& text) {
    if (path == "-") {
        if (!write_output(text)) throw std::runtime_error("standard output: cannot write the report");
        return;
    }
    const auto draft = draft_of(path);
    std::ofstream out(draft, std::ios::binary);
    out << text << std::flush;
    std::error_code failed;
    if (out) std::filesystem::rename(draft, path, failed);
    if (!out || failed) throw std::runtime_error(path + ": cannot write the report");
}

} // namespace weir::tool
