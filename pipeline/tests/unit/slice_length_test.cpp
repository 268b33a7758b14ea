#include "stage/slice_length.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

TEST(SliceLengthTest, AWholeChunkWhenHandlingIsQuick) {
    slice_length s;
    EXPECT_EQ(s.of(500), 500U);
    s.took(100, 10us);
    EXPECT_EQ(s.of(500), 500U);
}

TEST(SliceLengthTest, AsManyMessagesAsFitIntoAMillisecond) {
    slice_length s;
    s.took(5, 500us);
    EXPECT_EQ(s.of(500), 10U);
    EXPECT_EQ(s.of(3), 3U);
}

TEST(SliceLengthTest, SingleMessagesWhenEachTakesLonger) {
    slice_length s;
    s.took(1, 20ms);
    EXPECT_EQ(s.of(500), 1U);
}

TEST(SliceLengthTest, TakesTimeOfFewChunksUntilHandlingIsSlow) {
    slice_length s;
    int measured = 0;
    for (int i = 0; i < 160; ++i)
        measured += s.measures(10) ? 1 : 0;
    EXPECT_EQ(measured, 10);
    EXPECT_FALSE(s.measures(1)) << "a single message keeps none waiting";
    s.took(10, 100ms);
    EXPECT_TRUE(s.measures(1));
    EXPECT_TRUE(s.measures(1));
    s.took(1, 1ns);
    EXPECT_EQ(s.of(500), 500U) << "quick again";
}

} // namespace
} // namespace weir::pipeline
