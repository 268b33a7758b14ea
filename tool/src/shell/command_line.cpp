#include "command_line.hpp"

#include "client/encoded_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::tool {

namespace {

class syntax_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_key_character(char c) {
    return is_name_character(c) || c == '.';
}

/// Walks along one line.
class scanner {
  public:
    explicit scanner(std::string_view line)
        : line_(line) {}

    void skip_blanks() {
        while (at_ < line_.size() && is_blank(line_[at_]))
            ++at_;
    }

    [[nodiscard]] bool at_end() const { return at_ == line_.size(); }

    [[nodiscard]] char peek() const { return at_end() ? '\0' : line_[at_]; }

    void advance() { ++at_; }

    [[nodiscard]] std::string name(const std::string& what) {
        const auto n = take_while(is_name_character);
        if (n.empty()) fail("expected " + what);
        if (!at_end() && !is_blank(peek())) fail("unexpected character in " + what);
        return std::string(n);
    }

    [[nodiscard]] word next_word() {
        word w;
        w.key = key();
        read_value(w);
        return w;
    }

  private:
    /// `key=` when the word begins with one; else nothing is taken.
    [[nodiscard]] std::string key() {
        auto end = at_;
        while (end < line_.size() && is_key_character(line_[end]))
            ++end;
        if (end == at_ || end == line_.size() || line_[end] != '=') return {};
        const auto k = line_.substr(at_, end - at_);
        at_ = end + 1;
        return std::string(k);
    }

    void read_value(word& w) {
        if (peek() == '"') {
            w.spelled = word::form::quoted;
            w.text = quoted();
        } else if (peek() == '[' || peek() == '{') {
            w.spelled = word::form::bracketed;
            w.text = bracketed();
        } else {
            read_bare(w);
        }
        if (!at_end() && !is_blank(peek())) fail("expected a blank behind the value");
    }

    void read_bare(word& w) {
        const auto begin = at_;
        w.text = take_while([](char c) { return !is_blank(c); });
        auto given = decode_text(w.text);
        if (!given) throw syntax_error(fmt::format("column {}: {}", begin + 1, given.error().detail));
        if (!*given) return;
        w.spelled = word::form::decoded;
        w.text = std::move(**given);
    }

    [[nodiscard]] std::string quoted() {
        const auto begin = at_;
        pass_string();
        const auto text = line_.substr(begin, at_ - begin);
        const auto parsed = nlohmann::json::parse(text, nullptr, false);
        if (!parsed.is_string()) fail_at(begin, "not a JSON string: " + std::string(text));
        return parsed.get<std::string>();
    }

    [[nodiscard]] std::string bracketed() {
        const auto begin = at_;
        std::string closing;
        do {
            if (at_end()) fail_at(begin, "a bracket is not closed; put the value in double quotes");
            pass_bracket(closing, begin);
        } while (!closing.empty());
        return std::string(line_.substr(begin, at_ - begin));
    }

    /// One step of the way to the closing bracket; `closing` are the brackets that are still to come.
    void pass_bracket(std::string& closing, std::size_t begin) {
        const char c = peek();
        if (c == '"') return pass_string();
        if (c == '[') closing += ']';
        if (c == '{') closing += '}';
        if (c == ']' || c == '}') {
            if (closing.back() != c) fail_at(begin, "brackets do not match");
            closing.pop_back();
        }
        ++at_;
    }

    void pass_string() {
        const auto begin = at_++;
        while (!at_end() && peek() != '"')
            at_ = std::min(line_.size(), at_ + (peek() == '\\' ? 2 : 1));
        if (at_end()) fail_at(begin, "a string is not closed");
        ++at_;
    }

    template <class Belongs>
    [[nodiscard]] std::string_view take_while(Belongs belongs) {
        const auto begin = at_;
        while (!at_end() && belongs(peek()))
            ++at_;
        return line_.substr(begin, at_ - begin);
    }

    [[noreturn]] void fail(const std::string& text) const { fail_at(at_, text); }

    [[noreturn]] static void fail_at(std::size_t where, const std::string& text) {
        throw syntax_error(fmt::format("column {}: {}", where + 1, text));
    }

    std::string_view line_;
    std::size_t at_{0};
};

} // namespace

result<std::optional<command_line>> parse_command(std::string_view line) try {
    scanner s(line);
    s.skip_blanks();
    if (s.at_end() || s.peek() == '#') return std::optional<command_line>{};
    command_line c;
    if (s.peek() == '@') {
        s.advance();
        c.client = s.name("the name of a client");
        s.skip_blanks();
    }
    c.name = s.name("the name of a command");
    for (s.skip_blanks(); !s.at_end(); s.skip_blanks())
        c.words.push_back(s.next_word());
    return std::optional(std::move(c));

} catch (const syntax_error& e) {

    return failure(e.what());
}

} // namespace weir::tool
