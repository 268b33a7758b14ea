#include "system/line_reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace weir::tool {
namespace {

using state = line_reader::state;

TEST(line_reader, passes_over_a_line_that_is_too_long) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto say = [&](const std::string& text) {
        ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    };
    line_reader r(ends[0], 4);
    std::string line;
    EXPECT_EQ(r.next(line), state::waiting);
    say("1234\n12345\nab");
    r.read_more();
    EXPECT_EQ(r.next(line), state::ready);
    EXPECT_EQ(line, "1234");
    EXPECT_EQ(r.next(line), state::too_long);
    EXPECT_EQ(r.next(line), state::waiting);
    say("cdefgh");
    r.read_more();
    EXPECT_EQ(r.next(line), state::waiting);
    say("ijkl\nx\nlast one");
    r.read_more();
    EXPECT_EQ(r.next(line), state::too_long);
    EXPECT_EQ(r.next(line), state::ready);
    EXPECT_EQ(line, "x");
    EXPECT_EQ(r.next(line), state::waiting);
    ::close(ends[1]);
    r.read_more();
    EXPECT_EQ(r.next(line), state::too_long);
    EXPECT_EQ(r.next(line), state::ended);
    EXPECT_EQ(r.next(line), state::ended);
    ::close(ends[0]);
}

} // namespace
} // namespace weir::tool
