#pragma once

#include <weir/mqtt/store/session_store.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace weir::mqtt::test {

/// A directory of its own for a test, gone with it.
class store_directory {
  public:
    store_directory() {
        auto name = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error{"mkdtemp", {}};
        path_ = name;
    }

    store_directory(const store_directory&) = delete;
    store_directory& operator=(const store_directory&) = delete;

    ~store_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    [[nodiscard]] std::filesystem::path file() const { return path_ / "session.db"; }

    [[nodiscard]] store_options options() const {
        store_options o;
        o.path = path_.string();
        return o;
    }

  private:
    std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(const std::filesystem::path& file, std::string_view content) {
    std::ofstream{file, std::ios::binary} << content;
}

} // namespace weir::mqtt::test
