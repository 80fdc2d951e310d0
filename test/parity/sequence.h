// The numbers that both sides make for themselves: sequence.py in C++.
#pragma once
#include <cstdint>
#include <vector>

struct Sequence {
  uint64_t state;
  double next() {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state >> 40) / (1 << 24);
  }
  std::vector<double> numbers(int64_t n, double scale = 1) {
    std::vector<double> values(n);
    for (double &v : values)
      v = scale * (2 * next() - 1);
    return values;
  }
  std::vector<int64_t> labels(int64_t n, int64_t classes) {
    std::vector<int64_t> values(n);
    for (int64_t &v : values)
      v = static_cast<int64_t>(next() * classes);
    return values;
  }
};
