#include <weir/pipeline/drop.hpp>

#include <utility>

namespace weir::pipeline {
namespace {

class drop_category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "weir.drop"; }

    [[nodiscard]] std::string message(int) const override { return "dropped by the decoder"; }
};

const std::error_category& category() noexcept {
    static const drop_category instance;
    return instance;
}

} // namespace

error drop(std::string why) {
    return {std::error_code{1, category()}, std::move(why)};
}

bool is_drop(const error& e) noexcept {
    return e.code.category() == category();
}

} // namespace weir::pipeline
