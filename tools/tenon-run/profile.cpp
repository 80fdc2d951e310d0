// Prints what a profiled context measured.
#include "tenon_run.h"
#include <algorithm>
#include <cstdio>
#include <map>

namespace tenon::run {

// The lines of "a.cpp:1;a.cpp:2", each once.
static std::vector<std::string> lines(const std::string &locations) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < locations.size();) {
    std::size_t end = std::min(locations.find(';', at), locations.size());
    result.push_back(locations.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

void printProfile(const runtime::Model &model, const runtime::Context &context, std::uint32_t function) {
  std::vector<tenon_profile> rows = context.profile();
  std::erase_if(rows, [&](const tenon_profile &row) { return row.function != function || row.count == 0; });
  std::sort(rows.begin(), rows.end(), [](const tenon_profile &a, const tenon_profile &b) { return a.nanoseconds > b.nanoseconds; });
  std::uint64_t count = 0, total = 0;
  runtime::check(tenon_profile_function(context.get(), function, &count, &total));
  if (!count)
    return;
  std::printf("\n%s: %llu runs of %s, kernels one after the other\n", model.function(function).name, static_cast<unsigned long long>(count), timeText(double(total) / double(count)).c_str());
  std::printf("  %10s %6s  %-28s %s\n", "time", "share", "kernel", "lines");
  std::map<std::string, double> byLine;
  for (const tenon_profile &row : rows) {
    double time = double(row.nanoseconds) / double(count);
    std::printf("  %10s %5.1f%%  %-28s %s\n", timeText(time).c_str(), 100 * double(row.nanoseconds) / double(total), row.name, row.locations);
    if (*row.source)
      std::printf("  %10s %6s    %s\n", "", "", row.source);
    std::vector<std::string> all = lines(row.locations);
    for (const std::string &line : all) // a fused kernel's time is its lines' in equal parts
      byLine[line] += time / double(all.size());
  }
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto &[line, time] : byLine)
    sorted.emplace_back(time, line);
  std::sort(sorted.rbegin(), sorted.rend());
  std::printf("\n  %10s %6s  line (a kernel's time in equal parts among its lines)\n", "time", "share");
  for (const auto &[time, line] : sorted)
    std::printf("  %10s %5.1f%%  %s\n", timeText(time).c_str(), 100 * time * double(count) / double(total), line.c_str());
}

} // namespace tenon::run
