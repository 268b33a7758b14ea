#pragma once

#include <cstddef>

namespace weir::testing {

/// The `number`th allocation of this thread from now on fails, none with 0. For programs that are built with
/// failing_new.cpp, which replaces `operator new`.
void fail_allocation(std::size_t number) noexcept;

} // namespace weir::testing
