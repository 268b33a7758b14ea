#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Stands where libFuzzer does, for any compiler: runs every file of a folder, then for two seconds what
/// random changes make of them. It learns nothing on the way, as libFuzzer would, and takes the same way each
/// time: WEIR_SEED takes another, WEIR_SECONDS goes further.
namespace {

constexpr std::size_t longest = 4'096;

using input = std::vector<std::uint8_t>;

/// Each input lies in memory of exactly its size, so that a sanitizer sees what reads beyond.
void run(input bytes) {
    bytes.shrink_to_fit();
    (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

input read_whole(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<input> run_seeds(const char* folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<input> seeds;
    for (const auto& file : files) {
        std::printf("%s\n", file.filename().c_str()); // the last line names the one that crashes
        std::fflush(stdout);
        run(seeds.emplace_back(read_whole(file)));
    }
    return seeds;
}

/// Makes inputs out of others.
class mutator {
  public:
    explicit mutator(std::uint64_t seed)
        : random_(seed) {}

    input made_from(const std::vector<input>& seeds) {
        input made = seeds[below(seeds.size())];
        for (auto changes = 1 + below(8); changes != 0; --changes)
            change(made, seeds[below(seeds.size())]);
        made.resize(std::min(made.size(), longest));
        return made;
    }

  private:
    void change(input& bytes, const input& other) {
        constexpr std::uint8_t telling[]{0x00, 0x01, 0x7F, 0x80, 0xFF};
        const auto at = below(bytes.size() + 1);
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(6)) {
        case 0: bytes.insert(place, static_cast<std::uint8_t>(below(256))); break;
        case 1: bytes.insert(place, telling[below(std::size(telling))]); break;
        case 2: // the rest is another's
            bytes.erase(place, bytes.end());
            bytes.insert(
                bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(std::min(at, other.size())),
                other.end());
            break;
        case 3: bytes.erase(place, place + static_cast<std::ptrdiff_t>(below(bytes.size() - at + 1))); break;
        case 4:
            if (place != bytes.end()) *place ^= static_cast<std::uint8_t>(1U << below(8));
            break;
        default:
            if (place != bytes.end()) *place = static_cast<std::uint8_t>(below(256));
        }
    }

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
    }

    std::mt19937_64 random_;
};

std::uint64_t chosen(const char* variable, std::uint64_t otherwise) {
    const auto* given = std::getenv(variable);
    return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

std::size_t search_from(const std::vector<input>& seeds) {
    using clock = std::chrono::steady_clock;
    mutator m{chosen("WEIR_SEED", 1)};
    std::size_t inputs = 0;
    for (const auto end = clock::now() + std::chrono::seconds{chosen("WEIR_SECONDS", 2)}; clock::now() < end;
         ++inputs)
        run(m.made_from(seeds));
    return inputs;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    try {
        const auto seeds = run_seeds(argv[1]);
        if (seeds.empty()) throw std::runtime_error{std::string{argv[1]} + " is empty"};
        std::printf("%zu seeds, %zu inputs made from them\n", seeds.size(), search_from(seeds));
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
