#pragma once

#include <weir/pipeline/message.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pipeline {

/// Which batcher a message goes to. Immutable, so shared by all processors.
class router {
  public:
    explicit router(std::vector<std::string> batchers);

    /// Nothing when the message names a batcher that does not exist. A message nobody routed goes to the
    /// batcher `default`, or to the only one there is, whatever its name.
    [[nodiscard]] std::optional<std::size_t> route(const message_head& head) const noexcept {
        if (head.batcher.empty() && unrouted_) return unrouted_;
        return find(head.batcher.empty() ? std::string_view{"default"} : std::string_view{head.batcher});
    }

    /// Says which name was not found and which there are.
    [[nodiscard]] std::string unknown(const message_head& head) const;

  private:
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept;

    std::vector<std::string> names_;
    std::optional<std::size_t> unrouted_;
};

} // namespace weir::pipeline
