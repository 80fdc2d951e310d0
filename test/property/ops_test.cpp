// What holds of every op: it has samples, prints and parses, evaluates, keeps its bits when simplified, and its derivative is the limit of
// differences.
#include "compiler/transform/pipeline.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "test/property/cases.h"
#include "test/property/gradients.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using tenon::compiler::Literal;
namespace tenon::test {

/// What a failure prints of a case.
void PrintTo(const Case &c, std::ostream *out) {
  *out << c.text;
}

namespace {

class EveryOp : public testing::TestWithParam<Case> {};
class EveryDoubleOp : public EveryOp {}; // differences need double precision throughout
class EveryNarrowOp : public EveryOp {}; // against the same case in double

bool isDouble(const Case &c) {
  return c.element == "f64" && c.text.find("f32") == std::string::npos && c.text.find("f16") == std::string::npos;
}
std::string caseName(const testing::TestParamInfo<Case> &info) {
  return info.param.name;
}

SmallVector<Literal> run(func::FuncOp f, ArrayRef<Literal> x) {
  llvm::StringMap<Literal> state;
  llvm::Expected<SmallVector<Literal>> y = compiler::evaluate(f, x, state);
  if (y)
    return *y;
  ADD_FAILURE() << llvm::toString(y.takeError());
  return {};
}

std::vector<double> numbers(const Literal &x) {
  std::vector<double> result;
  bool real = isReal(x.type);
  for (int64_t i = 0; i < x.type.getNumElements(); ++i)
    result.push_back(real ? x.get(i).real : static_cast<double>(x.get(i).integer));
  return result;
}

/// The gradients that a function returns after its loss, against central differences of that loss.
void compareWithDifferences(func::FuncOp f, std::vector<Literal> x) {
  SmallVector<Literal> y = run(f, x);
  if (y.empty())
    return;
  size_t next = 1;
  for (auto [i, input] : llvm::enumerate(x)) {
    if (!isReal(input.type))
      continue;
    std::vector<double> gradient = numbers(y[next++]);
    double scale = 1;
    for (double g : gradient)
      scale = std::max(scale, std::fabs(g));
    for (int64_t k = 0; k < input.type.getNumElements(); ++k) {
      double at = input.get(k).real, h = 0x1p-13;
      auto loss = [&](double step) {
        input.set(k, {.real = at + step});
        return run(f, x)[0].get(0).real;
      };
      // Fourth order: the error of the difference is far below the tolerance.
      double difference = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h);
      input.set(k, {.real = at});
      EXPECT_NEAR(gradient[k], difference, 2e-8 * scale) << "input " << i << " element " << k;
    }
  }
}

} // namespace

TEST(Ops, EveryOpHasASampleThatVerifies) {
  std::set<std::string> covered;
  for (const Case &c : allCases())
    covered.insert(c.op);
  for (const std::string &op : allOps())
    EXPECT_TRUE(covered.count(op)) << op << " has no sample that verifies";
}

TEST_P(EveryOp, PrintsAndParses) {
  OwningOpRef<ModuleOp> module = parse(GetParam().text);
  std::string once, twice;
  llvm::raw_string_ostream(once) << *module;
  OwningOpRef<ModuleOp> again = parse(once);
  ASSERT_TRUE(again) << once;
  llvm::raw_string_ostream(twice) << *again;
  EXPECT_EQ(once, twice);
}

TEST_P(EveryOp, EvaluatesToItsTypeAndKeepsItsBitsWhenSimplified) {
  OwningOpRef<ModuleOp> module = parse(GetParam().text);
  func::FuncOp f = function(*module);
  std::vector<Literal> x = inputs(f, GetParam());
  SmallVector<Literal> before = run(f, x);
  ASSERT_EQ(before.size(), f.getNumResults());
  for (auto [y, type] : llvm::zip(before, f.getResultTypes()))
    EXPECT_TRUE(y.type == type);
  PassManager pm(&context());
  compiler::addPrimPipeline(pm);
  ASSERT_TRUE(succeeded(pm.run(*module)));
  f.walk([](Operation *op) { EXPECT_TRUE(!isa<ir::DecomposableOpInterface>(op)) << op->getName().getStringRef().str(); });
  SmallVector<Literal> after = run(f, x);
  for (auto [a, b] : llvm::zip(before, after))
    EXPECT_EQ(a.data, b.data);
}

TEST_P(EveryDoubleOp, FirstDerivativeIsTheLimitOfDifferences) {
  OwningOpRef<ModuleOp> module = parse(GetParam().text);
  func::FuncOp f = function(*module);
  if (addGradients(f, 1))
    compareWithDifferences(f, inputs(f, GetParam()));
}

TEST_P(EveryDoubleOp, SecondDerivativeIsTheLimitOfDifferences) {
  OwningOpRef<ModuleOp> module = parse(GetParam().text);
  func::FuncOp f = function(*module);
  if (addGradients(f, 2))
    compareWithDifferences(f, inputs(f, GetParam()));
}

TEST_P(EveryNarrowOp, DerivativesAgreeAcrossPrecisions) {
  const Case &c = GetParam();
  // The same case in f64.
  const Case *wide = nullptr;
  for (const Case &other : allCases())
    if (other.name == c.name.substr(0, c.name.size() - c.element.size()) + "f64")
      wide = &other;
  ASSERT_TRUE(wide);
  OwningOpRef<ModuleOp> module = parse(c.text), reference = parse(wide->text);
  bool random = c.op == "nn.dropout" || c.op.find("random") != std::string::npos; // other bits are drawn for other types
  if (random || !addGradients(function(*module), 2) || !addGradients(function(*reference), 2))
    return;
  SmallVector<Literal> y = run(function(*module), inputs(function(*module), c)),
                       exact = run(function(*reference), inputs(function(*reference), *wide));
  for (auto [i, a, b] : llvm::enumerate(y, exact)) {
    // The loss is a long sum of both signs: of 16 bits it keeps fewer digits than its gradients.
    double tolerance = c.element == "f32" ? 2e-5 : c.element == "f16" && i > 0 ? 0.02 : 0.15;
    std::vector<double> m = numbers(a), n = numbers(b);
    double scale = 1;
    for (double v : n)
      scale = std::max(scale, std::fabs(v));
    for (auto [u, v] : llvm::zip(m, n))
      EXPECT_NEAR(u, v, tolerance * scale);
  }
}

static std::vector<Case> casesThat(bool (*holds)(const Case &)) {
  std::vector<Case> found;
  for (const Case &c : allCases())
    if (holds(c))
      found.push_back(c);
  return found;
}
static bool isNarrow(const Case &c) { return c.element == "f32" || c.element == "bf16" || c.element == "f16"; }

INSTANTIATE_TEST_SUITE_P(Cases, EveryOp, testing::ValuesIn(allCases()), caseName);
INSTANTIATE_TEST_SUITE_P(Cases, EveryDoubleOp, testing::ValuesIn(casesThat(isDouble)), caseName);
INSTANTIATE_TEST_SUITE_P(Cases, EveryNarrowOp, testing::ValuesIn(casesThat(isNarrow)), caseName);

} // namespace tenon::test
