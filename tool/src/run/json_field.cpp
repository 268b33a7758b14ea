#include "json_field.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <utility>

namespace weir::tool {

namespace {

/// Follows the events of a parser and stops it, by returning false, at the value or where it cannot come any
/// more.
class finder {
  public:
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    explicit finder(std::span<const std::string> path)
        : path_(path) {}

    [[nodiscard]] std::optional<std::string> take() && { return std::move(found_); }

    bool null() { return go_on(); }

    bool boolean(bool v) {
        return scalar([v] { return std::string(v ? "true" : "false"); });
    }

    bool number_integer(number_integer_t v) {
        return scalar([v] { return std::to_string(v); });
    }

    bool number_unsigned(number_unsigned_t v) {
        return scalar([v] { return std::to_string(v); });
    }

    bool number_float(number_float_t /*value*/, const string_t& spelled) {
        return scalar([&] { return spelled; });
    }

    bool string(string_t& v) {
        return scalar([&] { return std::move(v); });
    }

    bool binary(binary_t& /*v*/) { return false; } // JSON has none

    bool start_object(std::size_t /*size*/) { return open(true); }

    bool end_object() { return close(); }

    bool start_array(std::size_t /*size*/) { return open(false); }

    bool end_array() { return close(); }

    bool key(string_t& name) {
        is_next_ = depth_ == entered_ && name == path_[entered_ - 1];
        return true;
    }

    bool parse_error(
        std::size_t /*at*/, const std::string& /*last*/, const nlohmann::json::exception& /*e*/) {
        return false;
    }

  private:
    /// An object on the way is entered; everything else is passed over, and ends the way when it is on it.
    bool open(bool is_object) {
        const bool is_on_the_way = is_next_ && entered_ < path_.size();
        if (is_next_ && !(is_object && is_on_the_way)) return false;
        if (is_next_) ++entered_;
        is_next_ = false;
        ++depth_;
        return true;
    }

    bool close() {
        --depth_;
        return depth_ >= entered_;
    }

    template <class Text>
    bool scalar(Text text) {
        if (is_next_ && entered_ == path_.size()) found_ = text();
        return go_on();
    }

    [[nodiscard]] bool go_on() const { return !is_next_; }

    std::span<const std::string> path_;
    std::optional<std::string> found_{};
    std::size_t depth_{0};   ///< of the objects and arrays that are open
    std::size_t entered_{0}; ///< how many of them are on the way
    bool is_next_{true};     ///< the next value is on the way
};

} // namespace

std::optional<std::string> json_field(std::string_view text, std::span<const std::string> path) {
    finder f(path);
    nlohmann::json::sax_parse(text, &f);
    return std::move(f).take();
}

} // namespace weir::tool
