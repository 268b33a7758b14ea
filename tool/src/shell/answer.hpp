#pragma once

#include "event_queue.hpp"

#include <weir/base/error.hpp>

#include <cstdint>
#include <string>

namespace weir::tool {

/// Tells the outcome of one command, which is told once. May be copied into a completion and used from any
/// thread, as long as the queue lives.
class answer {
  public:
    answer(event_queue& out, std::string client, std::uint64_t line, std::string command);

    /// `more` are further fields.
    void done(const json_value& more = json_value::object()) const { settled({}, more); }

    void failed(const error& why, const json_value& more = json_value::object()) const { settled(why, more); }

    /// Failed when `why` is an error.
    void settled(const error& why, const json_value& more) const;

    /// Something that happened on the way to the outcome.
    void tell(std::string_view event) const;

    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }

  private:
    event_queue* out_;
    std::string client_;
    std::uint64_t line_;
    std::string command_;
};

} // namespace weir::tool
