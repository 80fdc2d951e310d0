// What became of every case, and the table that says so.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace tenon::test {

struct Outcome {
  std::string set, name, why; ///< why: empty where it passed
  std::vector<std::string> ops;
};
/// What the table begins with; it goes on to the end of its file.
inline constexpr const char *tableBegins = "## What is imported";
/// The table's text: sets, ops, refusals, and cases that did not pass with their reasons.
std::string tableOf(const std::vector<Outcome> &outcomes);
/// Sets that fall short of what is promised, as text; empty: none.
std::string shortcomings(const std::vector<Outcome> &outcomes);

} // namespace tenon::test
