// Reads the stored cases (curves.json, ops/*.json) and turns sequences of numbers into tensors.
#pragma once
#include "sequence.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tenon/tenon.h>

#include <fstream>
#include <string>
#include <vector>

using Json = nlohmann::json;

/// The "cases" of test/parity/<file>.
inline std::vector<Json> read_cases(const std::string &file) {
  std::ifstream in(std::string(TENON_SOURCE_DIR) + "/test/parity/" + file);
  return Json::parse(in)["cases"].get<std::vector<Json>>();
}

inline int64_t count(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    n *= d;
  return n;
}

inline tenon::Tensor make(const std::vector<double> &values, const std::vector<int64_t> &shape, tenon::Dtype dtype) {
  return tenon::tensor(values, tenon::kFloat64).view(shape).to(dtype).detach();
}

inline tenon::Tensor make(Sequence &sequence, const std::vector<int64_t> &shape, double scale, tenon::Dtype dtype) {
  return make(sequence.numbers(count(shape), scale), shape, dtype);
}
