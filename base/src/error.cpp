#include <weir/base/error.hpp>

namespace weir {
namespace {

class user_category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "weir.user"; }

    [[nodiscard]] std::string message(int) const override { return "failed by the application"; }
};

} // namespace

std::string error::message() const {
    if (!code) return detail;
    return detail.empty() ? code.message() : detail + " (" + code.message() + ")";
}

error failure(std::string detail) {
    static const user_category category;
    return {std::error_code{1, category}, std::move(detail)};
}

} // namespace weir
