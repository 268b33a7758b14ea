#pragma once

#include <weir/base/error.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <stdexcept>

namespace weir {

/// Thrown by `result::value()` when the result holds an error.
class bad_result : public std::runtime_error {
  public:
    explicit bad_result(const error& e)
        : std::runtime_error(e.message())
        , error_(e) {}

    [[nodiscard]] const error& reason() const noexcept { return error_; }

  private:
    error error_;
};

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw bad_result(e);
}

/// A value or an `error`. Functions whose failure is part of normal running return one; misuse throws.
template <class T>
using result = boost::system::result<T, error>;

} // namespace weir
