#include "log_setup.hpp"

#include "console.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>

namespace weir::tool {

namespace {

class console_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit console_sink(std::shared_ptr<console> c)
        : console_(std::move(c)) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        console_->line({line.data(), line.size()});
    }

    void flush_() override {}

  private:
    std::shared_ptr<console> console_;
};

} // namespace

const std::vector<std::string>& log_levels() {
    static const std::vector<std::string> list{"debug", "info", "warning", "error"};
    return list;
}

void set_up_log(std::shared_ptr<console> c, const std::string& level) {
    auto logger = std::make_shared<spdlog::logger>("weir", std::make_shared<console_sink>(std::move(c)));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
}

} // namespace weir::tool
