#include "client/payload_source.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace weir::tool {
namespace {

using state = payload_source::state;

/// A pipe whose writing end says what standard input would.
class input {
  public:
    input() { EXPECT_EQ(::pipe(ends_.data()), 0); }

    input(const input&) = delete;
    input& operator=(const input&) = delete;

    ~input() {
        ::close(ends_[0]);
        end();
    }

    void say(const std::string& text) const {
        EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    void end() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }

    [[nodiscard]] int reader() const { return ends_[0]; }

  private:
    std::array<int, 2> ends_{-1, -1};
};

TEST(payload_source, repeats_a_payload) {
    auto s = payload_source::repeat("x", 2);
    std::string payload;
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(payload, "x");
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(s.next(payload), state::ended);
}

TEST(payload_source, gives_lines_as_they_come) {
    input in;
    auto s = payload_source::lines(in.reader());
    std::string payload;
    in.say("one\ntw");
    EXPECT_EQ(s.next(payload), state::waiting);
    s.input_ready();
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(payload, "one");
    in.say("o\n\nlast");
    EXPECT_EQ(s.next(payload), state::waiting);
    s.input_ready();
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(payload, "two");
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(payload, "");
    in.end();
    EXPECT_EQ(s.next(payload), state::waiting);
    s.input_ready();
    EXPECT_EQ(s.next(payload), state::ready);
    EXPECT_EQ(payload, "last");
    EXPECT_EQ(s.next(payload), state::ended);
}

TEST(payload_source, an_empty_input_gives_nothing) {
    input in;
    in.end();
    auto s = payload_source::lines(in.reader());
    std::string payload;
    EXPECT_EQ(s.next(payload), state::waiting);
    s.input_ready();
    EXPECT_EQ(s.next(payload), state::ended);
}

TEST(read_all, names_a_file_that_is_not_there) {
    try {
        static_cast<void>(read_all("/nonexistent/payload"));
        FAIL();
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("/nonexistent/payload"), std::string::npos);
    }
}

} // namespace
} // namespace weir::tool
