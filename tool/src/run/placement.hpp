#pragma once

#include "config/file_config.hpp"
#include "outputs.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// Which batcher takes a message, under which key, and where it writes. Immutable.
class placement {
  public:
    struct route {
        std::string batcher;
        batcher_placement rules;
        sink_writer* writer;
    };

    /// `to` must outlive it.
    placement(const file_config& c, const outputs& to);

    /// What keeps its order among messages of the same value.
    [[nodiscard]] const std::optional<selector>& partition_by() const noexcept { return partition_by_; }

    [[nodiscard]] bool has_batchers() const noexcept { return !routes_.empty(); }

    /// Where messages end that no batcher takes.
    [[nodiscard]] sink_writer& direct() const noexcept { return *direct_; }

    /// The first batcher with a filter that selects the topic, else the one without filters.
    [[nodiscard]] const route& route_for(std::string_view topic) const;

    /// That of the batcher of this name.
    [[nodiscard]] const route& route_of(std::string_view batcher) const;

  private:
    std::optional<selector> partition_by_;
    std::vector<route> routes_;
    std::size_t rest_{0}; ///< the one without filters
    sink_writer* direct_;
};

} // namespace weir::tool
