// Rules by which a number follows from the sizes of axes.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>
#include <vector>

namespace tenon::onnx {

/// A dimension of an input that moved, and every input's dimension that moved with it.
struct Axis {
  std::string name, input;
  int64_t dimension;
  std::vector<double> sizes; // in each graph
};
/// (sum of coefficients times terms) / divisor, or one over that; a term is a product of axes, or one axis's inverse.
struct Term {
  std::vector<int> axes;
  bool inverse = false;
};
struct Rule {
  std::vector<Term> terms;
  std::vector<double> coefficients;
  int64_t divisor = 1;
  bool reciprocal = false;
};

/// The simplest rule that gives these values, one per graph, exactly; whole numbers unless `real`.
std::optional<Rule> fit(const std::vector<Axis> &axes, llvm::ArrayRef<double> values, bool real, double tolerance);

} // namespace tenon::onnx
