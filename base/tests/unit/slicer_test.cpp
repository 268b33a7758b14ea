#include <weir/base/slicer.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir {
namespace {

/// A slicer over a block whose reference count the test can see.
struct counted {
    block* owner = make_block(1'000);
    slicer cutter{bytes{owner, owner->data, 1'000}};
};

TEST(slicer, slices_share_and_outlive_it) {
    bytes part;
    {
        slicer s{bytes::copy(std::string("hello world"))};
        part = s.slice(6, 5);
        EXPECT_EQ(part.data(), s.whole().data() + 6);
    }
    EXPECT_EQ(part, "world");
}

TEST(slicer, gives_back_the_references_it_did_not_hand_out) {
    counted c;
    std::vector<bytes> slices;
    for (std::size_t i = 0; i < 100; ++i)
        slices.push_back(c.cutter.slice(i, 1));
    EXPECT_GE(c.owner->references.load(), 101u);
    c.cutter = slicer{};
    EXPECT_EQ(c.owner->references.load(), 100u);
    slices.resize(1);
    EXPECT_EQ(c.owner->references.load(), 1u);
}

TEST(slicer, an_empty_slice_holds_on_to_nothing) {
    counted c;
    const auto empty = c.cutter.slice(500, 0);
    EXPECT_TRUE(empty.empty());
    EXPECT_EQ(c.owner->references.load(), 1u);
}

TEST(slicer, moving_takes_the_references_along) {
    counted c;
    const auto kept = c.cutter.slice(0, 1);
    slicer moved{std::move(c.cutter)};
    const auto more = moved.slice(1, 1);
    moved = slicer{};
    EXPECT_EQ(c.owner->references.load(), 2u);
}

TEST(slicer, works_over_memory_without_a_block) {
    slicer s{bytes::over_static("static")};
    EXPECT_EQ(s.slice(0, 4), "stat");
}

TEST(slicer, slices_may_die_on_any_thread_meanwhile) {
    counted c;
    for (int round = 0; round < 100; ++round) {
        std::vector<bytes> slices;
        for (std::size_t i = 0; i < 100; ++i)
            slices.push_back(c.cutter.slice(i, 1));
        std::thread other{[s = std::move(slices)]() mutable { s.clear(); }};
        const auto here = c.cutter.slice(0, 1);
        other.join();
    }
    const auto last = c.cutter.slice(0, 1);
    c.cutter = slicer{};
    EXPECT_EQ(c.owner->references.load(), 1u);
}

} // namespace
} // namespace weir
