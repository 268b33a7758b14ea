#pragma once

#include "config/file_config.hpp"
#include "sink_writer.hpp"

#include <weir/sinks/dead_letter_file.hpp>
#include <weir/sinks/sink.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::tool {

/// Every place that a configuration writes to, open. Batchers with the same sink share it. Thread-safe.
class outputs {
  public:
    /// Throws `sinks::sink_error` for one that cannot be opened.
    explicit outputs(const file_config& c);

    /// Where batcher `index` writes; with index 0 also the messages of a pipeline without batchers.
    [[nodiscard]] sink_writer& of(std::size_t index) const noexcept { return *of_batcher_[index]; }

    /// None: there are no dead letters.
    [[nodiscard]] sinks::dead_letter_file* dead_letters() const noexcept { return dead_letters_.get(); }

    [[nodiscard]] std::uint64_t dead_letters_written() const noexcept {
        return dead_letters_ ? dead_letters_->written() : 0;
    }

    /// Of all sinks together; for sinks that all keep receipts, see `sinks::keeps_receipts`.
    [[nodiscard]] std::shared_ptr<connector::receipts> receipts() const;

    /// From now on all sinks keep delivery tokens, by what this returns. None when one of them cannot.
    [[nodiscard]] std::shared_ptr<connector::delivery_tokens> keep_tokens() const;

    /// Whether one of them will never take anything again.
    [[nodiscard]] bool any_is_closed() const noexcept;

  private:
    struct open_sink {
        explicit open_sink(const sinks::sink_options& o);

        std::unique_ptr<sinks::sink> sink;
        sink_writer writer;
    };

    std::vector<std::unique_ptr<open_sink>> sinks_;
    std::vector<sink_writer*> of_batcher_;
    bool can_keep_tokens_{false};
    std::unique_ptr<sinks::dead_letter_file> dead_letters_;
};

} // namespace weir::tool
