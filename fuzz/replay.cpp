#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Stands where libFuzzer does, for any compiler: runs every file of a folder once, without a search.
namespace {

std::string read_whole(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Each input lies in memory of exactly its size, so that a sanitizer sees what reads beyond.
void run(const std::filesystem::path& file) {
    std::printf("%s\n", file.filename().c_str()); // the last line names the one that crashes
    std::fflush(stdout);
    const auto text = read_whole(file);
    const std::vector<std::uint8_t> input(text.begin(), text.end());
    (void)LLVMFuzzerTestOneInput(input.data(), input.size());
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    try {
        std::size_t inputs = 0;
        for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
            run(entry.path());
            ++inputs;
        }
        std::printf("%zu inputs\n", inputs);
        return inputs == 0 ? 1 : 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
