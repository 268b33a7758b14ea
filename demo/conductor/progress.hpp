#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace weir::demo {

/// The numbers of one progress line or report: a JSON object, its numeric members by name.
class progress {
  public:
    progress() = default;

    /// Anything but a JSON object gives an empty one.
    [[nodiscard]] static progress parse(std::string_view json);

    [[nodiscard]] bool empty() const noexcept { return numbers_.empty(); }

    /// 0 for a name that is not there.
    [[nodiscard]] std::uint64_t operator[](std::string_view name) const;

    /// Adds the numbers of `other`, name by name.
    void add(const progress& other);

  private:
    std::map<std::string, std::uint64_t, std::less<>> numbers_;
};

} // namespace weir::demo
