#include "auth/base64.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

TEST(base64, the_vectors_of_rfc_4648) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
}

TEST(base64, nothing_else_is_taken) {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", " Zg==", "Zg==\n", "Zm9v*mE="})
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

} // namespace
} // namespace weir::mqtt
