#include "client/message_format.hpp"

#include <gmock/gmock.h>

#include <string>

namespace weir::tool {
namespace {

using ::testing::HasSubstr;

mqtt::publish sample() {
    mqtt::publish m{
        .topic = bytes::over_static("a/b"),
        .payload = bytes::over_static("x\ny"),
        .qos = mqtt::qos::at_least_once,
        .retain = true,
        .packet_id = 7};
    m.props.add_user_property("unit", "C");
    return m;
}

std::string line(const std::string& format) {
    return message_format::parse(format).value().line(sample(), "me", {});
}

TEST(message_format, puts_the_parts_in_their_places) {
    EXPECT_EQ(line("{topic} {qos}:{payload}"), "a/b 1:x\\ny");
    EXPECT_EQ(line("{raw}|{hex}|{size}"), "x\ny|780a79|3");
    EXPECT_EQ(line("{retain} {dup} {packet_id} {client_id}"), "true false 7 me");
    EXPECT_EQ(line("{time} {properties}"), R"(1970-01-01T00:00:00.000000Z {"user_property":[["unit","C"]]})");
    EXPECT_EQ(line("{{topic}}"), "{topic}");
    EXPECT_EQ(line(""), "");
}

TEST(message_format, a_fault_names_the_places) {
    for (const auto* text : {"{", "}", "{topic", "a}b"})
        EXPECT_FALSE(message_format::parse(text)) << text;
    EXPECT_THAT(message_format::parse("{topik}").error().detail, HasSubstr("{topic}"));
}

} // namespace
} // namespace weir::tool
