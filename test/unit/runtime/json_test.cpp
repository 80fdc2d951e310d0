// The JSON reader on good and hostile text.
#include "runtime/json.h"
#include <gtest/gtest.h>
#include <string>

using namespace tenon::rt;

static bool skips(const std::string &text) {
  Json json(text.data(), text.size());
  return json.skip() && json.done();
}

static std::string decoded(const std::string &text) {
  Json json(text.data(), text.size());
  Text result;
  return json.string(result) && json.done() ? std::string(result.c_str(), result.size()) : "(refused)";
}

TEST(Json, SkipsAnyValue) {
  for (const char *text : {"{}", "[]", " [1, 2.5e-3, \"a\", {\"b\": [null, true, false]}] ", "\"\"", "{\"a\":{\"b\":{}}}"})
    EXPECT_TRUE(skips(text)) << text;
  for (const char *text : {"", "{", "[", "[1,]", "{\"a\"}", "{\"a\":}", "{1:2}", "[1 2]", "nul", "\"", "\"\\", "\"\\u12", "{}{}", "]"})
    EXPECT_FALSE(skips(text)) << text;
  EXPECT_TRUE(skips(std::string(20, '[') + std::string(20, ']')));
  EXPECT_FALSE(skips(std::string(1000000, '['))) << "depth is bounded";
}

TEST(Json, DecodesStrings) {
  EXPECT_EQ(decoded(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(decoded(R"("\u0041\u00e9\u20ac\ud83d\ude00")"), "A\u00e9\u20ac\U0001F600");
  for (const char *text : {R"("\u0000")", R"("\ud83d")", R"("\ud83dx")", R"("\ude00")", R"("\ud83d\u0041")", R"("\x")", "\"\n\"", R"("\u00g0")"})
    EXPECT_EQ(decoded(text), "(refused)") << text;
}

TEST(Json, ReadsNumbers) {
  auto number = [](const std::string &text) {
    Json json(text.data(), text.size());
    uint64_t value;
    return json.number(value) && json.done() ? static_cast<int64_t>(value) : -1;
  };
  EXPECT_EQ(number("0"), 0);
  EXPECT_EQ(number("9223372036854775807"), INT64_MAX);
  for (const char *text : {"9223372036854775808", "99999999999999999999999", "-1", "1.0", "1e2", "01", "", "x", "+1"})
    EXPECT_EQ(number(text), -1) << text;
}
