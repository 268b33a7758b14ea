#include "printer.hpp"

#include <fmt/format.h>

namespace weir::tool {

void printer::value(std::string_view key, const std::string& literal, bool secret) {
    const auto shown = secret && !show_secrets_ ? std::string("\"********\"") : literal;
    if (inline_) {
        text_ += fmt::format("{} {} = {}", first_of_element_ ? "" : ",", key, shown);
        first_of_element_ = false;
        return;
    }
    write_header();
    text_ += fmt::format("{} = {}\n", key, shown);
}

void printer::enter_table(std::string_view key) {
    enter(key, "[", "]");
}

void printer::enter_element(std::string_view key) {
    enter(key, "[[", "]]");
    write_header(); // an element counts even when all its values are defaults that are not written
}

void printer::leave() {
    const auto cut = path_.rfind('.');
    path_.resize(cut == std::string::npos ? 0 : cut);
    header_.clear();
}

void printer::begin_inline_array(std::string_view key) {
    write_header();
    text_ += fmt::format("{} = [", key);
    inline_ = true;
}

void printer::begin_inline_element() {
    text_ += text_.back() == '[' ? "\n    {" : ",\n    {";
    first_of_element_ = true;
}

void printer::end_inline_element() {
    text_ += " }";
}

void printer::end_inline_array() {
    text_ += text_.back() == '[' ? "]\n" : "\n]\n";
    inline_ = false;
}

void printer::enter(std::string_view key, std::string_view open, std::string_view close) {
    if (!path_.empty()) path_ += '.';
    path_ += key;
    header_ = fmt::format("\n{}{}{}\n", open, path_, close);
}

void printer::write_header() {
    text_ += header_;
    header_.clear();
}

} // namespace weir::tool
