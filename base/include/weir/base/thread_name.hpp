#pragma once

#include <string_view>

namespace weir {

/// Names the calling thread, as debuggers, `top -H` and `/proc` show it. The system keeps 15 characters; a
/// longer name is cut. Without effect where the system has no such thing.
void set_thread_name(std::string_view name) noexcept;

} // namespace weir
