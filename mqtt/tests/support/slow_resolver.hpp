#pragma once

namespace weir::mqtt {

/// A resolver that does not answer. Stands in the way of the system's in a program that it is linked to: who
/// asks for the address of `name` waits while such an object lives. Other names are none of its business.
class slow_resolver {
  public:
    static constexpr const char* name = "slow.invalid";

    slow_resolver();
    slow_resolver(const slow_resolver&) = delete;
    slow_resolver& operator=(const slow_resolver&) = delete;

    /// Whoever waits is told that the name does not exist, and has left.
    ~slow_resolver();
};

} // namespace weir::mqtt
