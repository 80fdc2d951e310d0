// Makes artifacts for the tests: plan.c compiled by cc, and a trailer behind it.
#pragma once
#include "runtime/tenon.hpp"
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenon::test {

using Bytes = std::vector<char>;

Bytes readBytes(const std::string &path);
void writeBytes(const std::string &path, const Bytes &bytes);
/// A path of its own inside a folder that goes away with the process.
std::string temporary(const std::string &name);

/// plan.c as a shared library; `changes` replaces numbers of it ({{"STATE_ALIAS", "9"}}).
Bytes compilePlan(const std::map<std::string, std::string> &changes = {}, const std::string &file = "test/unit/runtime/plan.c", const std::string &flags = "");
/// The fields of a trailer that tests falsify.
struct Trailer {
  uint64_t magic = 0x4c52544e4f4e4554ull;
  uint32_t version = 2;
  int arch = -1; // this machine's
  uint64_t features = 0, lengthError = 0;
};
Bytes withTrailer(Bytes library, Trailer trailer = {});
/// A good artifact on disk (made once), or one with changes.
std::string artifact(const std::map<std::string, std::string> &changes = {});

/// The good artifact, opened, with a state and a context.
class Opened {
public:
  explicit Opened(unsigned threads = 1, bool profile = false);
  runtime::Model model;
  runtime::State state;
  runtime::Context context;

  /// One training step on 4 examples of given labels; the loss.
  float train(std::vector<int64_t> labels = {0, 1, 2, 2});
  std::vector<float> w() const { return state.values<float>("w", 6); }
  int64_t step() const { return state.values<int64_t>("step", 1)[0]; }
};

/// The status, and a sentence that contains `part`.
testing::AssertionResult failsWith(tenon_status got, tenon_status status, const std::string &part);

} // namespace tenon::test
