#include <weir/connector/error.hpp>

#include <string>

namespace weir::connector {

namespace {

class category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "weir.connector"; }

    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
        case errc::subscription_refused: return "the broker refused a subscription";
        case errc::not_ready_in_time: return "the connections were not ready in time";
        case errc::message_failed: return "a message failed that must not";
        case errc::redelivery: return "the session is resumed so that messages are sent again";
        case errc::producer_failed: return "the producer failed inside";
        }
        return "unknown error";
    }
};

} // namespace

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace weir::connector
