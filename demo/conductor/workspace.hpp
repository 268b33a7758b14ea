#pragma once

#include <filesystem>
#include <string>

namespace weir::demo {

/// A temporary folder, removed with all it holds unless it is to be kept.
class workspace {
  public:
    workspace();
    workspace(const workspace&) = delete;
    workspace& operator=(const workspace&) = delete;
    ~workspace();

    [[nodiscard]] std::string path() const { return folder_.string(); }

    /// Of a file inside.
    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

    void keep() noexcept { keep_ = true; }

    [[nodiscard]] bool is_kept() const noexcept { return keep_; }

  private:
    std::filesystem::path folder_;
    bool keep_{false};
};

} // namespace weir::demo
