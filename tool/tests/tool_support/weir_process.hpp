#pragma once

#include "support/child.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace weir::testing {

/// The program `weir` as a process, its output and errors kept apart.
class weir_process {
  public:
    /// `input` is what it reads from standard input.
    explicit weir_process(const std::vector<std::string>& arguments, const std::string& input = {});

    /// Its exit code; -1 when it has not ended within `limit`, 128 and more when a signal ended it.
    int wait(std::chrono::milliseconds limit = std::chrono::seconds{30});

    void signal(int number) { process_.signal(number); }

    [[nodiscard]] bool running() { return process_.running(); }

    [[nodiscard]] std::string output() const { return read_file(folder_.file("out")); }

    [[nodiscard]] std::string errors() const { return read_file(folder_.file("err")); }

  private:
    [[nodiscard]] std::vector<std::string> command(
        const std::vector<std::string>& arguments, const std::string& input) const;

    temp_folder folder_;
    child process_;
};

} // namespace weir::testing
