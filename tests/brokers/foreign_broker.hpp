#pragma once

#include "brokers/features.hpp"
#include "support/child.hpp"
#include "support/temp_folder.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {

/// How to run a broker of somebody else's as a process of the test's own, in a folder and on ports that
/// nobody else uses.
struct broker_recipe {
    std::string name{};
    std::string package{}; ///< how to install it
    std::function<bool()> is_installed{};
    /// Writes what it needs to the folder; gives the commands to run, the broker last.
    std::function<std::vector<std::vector<std::string>>(const temp_folder&, std::uint16_t port)> prepare{};
    std::string username{};
    std::string password{};
    /// It may send again what was acknowledged just before DISCONNECT.
    bool may_forget_acks{false};
    broker_features features{};   ///< that it is known to have with 3.1.1 and 3.1
    broker_features features_5{}; ///< with 5.0, where it speaks that
};

[[nodiscard]] broker_recipe rabbitmq();
[[nodiscard]] broker_recipe ejabberd();
[[nodiscard]] broker_recipe aedes();

/// A broker that runs until the object ends.
class foreign_broker {
  public:
    /// Throws, with what it has written, when it does not answer within two minutes: some take their time on
    /// a busy machine.
    explicit foreign_broker(const broker_recipe& recipe);
    foreign_broker(const foreign_broker&) = delete;
    foreign_broker& operator=(const foreign_broker&) = delete;
    ~foreign_broker();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] std::string log() const { return read_file(folder_.file("log")); }

  private:
    [[nodiscard]] bool starts(const broker_recipe& recipe);
    void stop();

    temp_folder folder_;
    std::uint16_t port_{0};
    std::vector<std::unique_ptr<child>> processes_;
};

} // namespace weir::testing
