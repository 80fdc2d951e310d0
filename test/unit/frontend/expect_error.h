// EXPECT_ERROR(statement, "part", "part"...): the statement throws tenon::Error whose message holds every part, and this file's name.
#pragma once
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include <functional>
#include <string>
#include <vector>

inline void expect_error(const std::function<void()> &statement, const std::vector<std::string> &parts, const char *file, int line) {
  try {
    statement();
  } catch (const tenon::Error &error) {
    for (const std::string &part : parts)
      if (std::string(error.what()).find(part) == std::string::npos)
        ADD_FAILURE_AT(file, line) << "expected \"" << part << "\" in: " << error.what();
    return;
  }
  ADD_FAILURE_AT(file, line) << "expected an error, none was thrown";
}
/// The parts, wherever it was thrown.
#define EXPECT_ERROR_TEXT(statement, ...) expect_error([&] { statement; }, {__VA_ARGS__}, __FILE__, __LINE__)
/// The parts and the line of this statement: "(nn_test.cpp:12)".
#define EXPECT_ERROR(statement, ...)                                                                                                       \
  expect_error([&] { statement; }, {__VA_ARGS__ __VA_OPT__(, ) std::string(__FILE__).substr(std::string(__FILE__).rfind('/') + 1) + ":" + std::to_string(__LINE__)}, \
               __FILE__, __LINE__)
