#pragma once

#include <weir/pipeline/acknowledger.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weir::pipeline {

/// How one message ended, to be kept.
struct ending {
    std::uint64_t token{0};
    outcome result{outcome::successful};
    std::string reason{}; ///< why it failed or was abandoned

    friend bool operator==(const ending&, const ending&) = default;
};

/// One call of an acknowledger: messages that ended together, in their order. Many small reports for one
/// reference are normal, since each chunk and each batch makes its own.
struct ack_report {
    std::uint64_t reference{0};
    std::vector<ending> endings{};

    [[nodiscard]] std::size_t count(outcome o) const noexcept;
};

[[nodiscard]] ack_report make_report(std::uint64_t reference, std::span<const settlement> settlements);

/// Tells a receiver how messages ended. The receiver is called on the worker where they did, by several
/// workers at once; what it throws is contained as for every acknowledger.
class caller_acknowledger final : public acknowledger {
  public:
    using receiver = std::function<void(const ack_report&)>;

    using configure_receiver = std::function<void(std::uint64_t reference, const std::any& options)>;

    /// `reference` is repeated in every report. Without `configured` it takes no options for messages, as
    /// `acknowledger::configure` says; with it, it takes all.
    caller_acknowledger(std::uint64_t reference, receiver tell, configure_receiver configured = nullptr)
        : reference_(reference)
        , tell_(std::move(tell))
        , configured_(std::move(configured)) {}

    void settle(std::span<const settlement> settlements) override {
        tell_(make_report(reference_, settlements));
    }

    [[nodiscard]] std::uint64_t configure(std::uint64_t token, const std::any& options) override {
        if (!configured_) return acknowledger::configure(token, options);
        configured_(reference_, options);
        return token;
    }

  private:
    std::uint64_t reference_;
    receiver tell_;
    configure_receiver configured_;
};

} // namespace weir::pipeline
