#include <weir/base/time.hpp>

namespace weir {
namespace {

class real_time_source final : public time_source {
  public:
    [[nodiscard]] time_point now() const noexcept override { return clock::now(); }

    [[nodiscard]] system_time_point system_now() const noexcept override { return std::chrono::system_clock::now(); }
};

} // namespace

const time_source& real_time() noexcept {
    static const real_time_source source;
    return source;
}

} // namespace weir
