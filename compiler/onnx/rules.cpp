// Rules by which a number follows from the sizes of axes: candidates from simple to less so, solved on some graphs and confirmed by the
// others.
#include "compiler/onnx/rules.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

namespace tenon::onnx {

static double value(const std::vector<Axis> &axes, const Term &term, size_t graph) {
  double v = 1;
  for (int a : term.axes)
    v *= axes[a].sizes[graph];
  return term.inverse ? 1 / v : v;
}

/// By Gauss and Jordan on as many graphs as there are terms; the others confirm.
static std::optional<Rule> solve(const std::vector<Axis> &axes, const std::vector<Term> &terms, llvm::ArrayRef<double> values, bool real,
                                 double tolerance) {
  size_t n = terms.size();
  std::vector<std::vector<double>> rows;
  for (size_t g = 0; g < values.size(); ++g) {
    std::vector<double> row;
    for (auto &t : terms)
      row.push_back(value(axes, t, g));
    row.push_back(values[g]);
    rows.push_back(row);
  }
  auto original = rows;
  for (size_t c = 0; c < n; ++c) {
    size_t pivot = c;
    for (size_t r = c; r < rows.size(); ++r)
      if (std::fabs(rows[r][c]) > std::fabs(rows[pivot][c]) + 1e-9)
        pivot = r;
    if (pivot >= rows.size() || std::fabs(rows[pivot][c]) < 1e-9)
      return std::nullopt;
    std::swap(rows[c], rows[pivot]);
    for (size_t r = 0; r < rows.size(); ++r)
      if (double f = r == c ? 0 : rows[r][c] / rows[c][c])
        for (size_t k = c; k <= n; ++k)
          rows[r][k] -= f * rows[c][k];
  }
  Rule rule{terms, {}, 1};
  for (size_t c = 0; c < n; ++c)
    rule.coefficients.push_back(rows[c][n] / rows[c][c]);
  if (!real) { // whole numbers: over a common divisor
    auto whole = [&](int64_t d) {
      return llvm::all_of(rule.coefficients, [&](double c) { return std::fabs(c * double(d) - std::round(c * double(d))) < 1e-6; });
    };
    while (!whole(rule.divisor))
      if (++rule.divisor > 64)
        return std::nullopt;
    for (double &c : rule.coefficients)
      c = std::round(c * double(rule.divisor));
  }
  for (auto &row : original) {
    double sum = 0;
    for (size_t c = 0; c < n; ++c)
      sum += rule.coefficients[c] * row[c];
    if (std::fabs(sum / double(rule.divisor) - row[n]) > tolerance * std::max(1.0, std::fabs(row[n])) + (real ? 0 : -1e-13))
      return std::nullopt;
  }
  return rule;
}

std::optional<Rule> fit(const std::vector<Axis> &axes, llvm::ArrayRef<double> values, bool real, double tolerance) {
  int n = int(axes.size());
  std::vector<Term> linear{{}}, products, squares, inverses;
  for (int i = 0; i < n; ++i)
    linear.push_back({{i}}), squares.push_back({{i, i}}), inverses.push_back({{i}, true});
  products = linear;
  for (int i = 0; i < n; ++i)
    for (int j = i + 1; j < n; ++j)
      products.push_back({{i, j}});
  std::vector<std::vector<Term>> candidates{linear, products};
  for (auto &s : squares)
    candidates.push_back({s}), candidates.push_back({s, {{s.axes[0]}}});
  for (int i = 0; real && i < n; ++i)
    candidates.push_back({inverses[i]}), candidates.push_back({{}, inverses[i]});
  for (int i = 0; real && i < n; ++i)
    for (int j = i + 1; j < n; ++j)
      candidates.push_back({{{i, j}, true}});
  for (auto &terms : candidates)
    if (auto rule = solve(axes, terms, values, real, tolerance))
      return rule;
  // n / (n - 1), of a variance: one over 1 - 1 / n, n a product of axes.
  if (!real || llvm::is_contained(values, 0.0))
    return std::nullopt;
  auto turned = llvm::to_vector(llvm::map_range(values, [](double v) { return 1 / v; }));
  for (const Term &t : products)
    if (!t.axes.empty())
      if (auto rule = solve(axes, {{}, {t.axes, true}}, turned, real, tolerance)) {
        rule->reciprocal = true;
        return rule;
      }
  return std::nullopt;
}

} // namespace tenon::onnx
