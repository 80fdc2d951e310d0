// Compiled code against the reference evaluator: every sample of every op and its gradients, one artifact per op; in 32 and 16 bits also for the instruction sets besides this machine's own.
#include "mlir/IR/Builders.h"
#include "test/property/artifact.h"
#include "test/property/cases.h"
#include "test/property/gradients.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using tenon::compiler::Literal;
namespace tenon::test {
namespace {

class EveryCompiledOp : public testing::TestWithParam<std::string> {};

tenon_type typeOf(Type element) {
  return element.isF32() ? TENON_FLOAT32 : element.isF64() ? TENON_FLOAT64 : element.isBF16() ? TENON_BFLOAT16 : element.isF16() ? TENON_FLOAT16
       : element.isInteger(32) ? TENON_INT32 : element.isInteger(64) ? TENON_INT64 : TENON_BOOL;
}
tenon_array view(Literal &x) { return {x.data.data(), typeOf(x.type.getElementType()), static_cast<uint32_t>(x.type.getRank()), x.type.getShape().data()}; }

/// What of an element's size may differ: approximations of functions and sums in another order, by a few last bits.
double tolerance(Type element) { return element.isF64() ? 1e-11 : element.isF32() ? 2e-5 : element.isBF16() ? 0x1p-6 : element.isF16() ? 0x1p-9 : 0; }
/// Below this the numbers of an element's type get sparse.
double least(Type element) { return element.isF16() ? 0x1p-24 : 1e-37; }

void compare(const Literal &got, const Literal &wanted, bool single, const std::string &what) {
  ASSERT_TRUE(got.type == wanted.type) << what;
  bool real = isa<FloatType>(wanted.type.getElementType());
  double scale = 1;
  for (int64_t i = 0; real && i < wanted.type.getNumElements(); ++i)
    if (std::isfinite(wanted.get(i).real))
      scale = std::max(scale, std::fabs(wanted.get(i).real));
  for (int64_t i = 0; i < wanted.type.getNumElements(); ++i) {
    if (!real) {
      ASSERT_EQ(got.get(i).integer, wanted.get(i).integer) << what << " element " << i;
      continue;
    }
    double a = got.get(i).real, b = wanted.get(i).real;
    if (std::isnan(b) || std::isinf(b))
      ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << what << " element " << i << ": " << a << " and " << b;
    else
      ASSERT_NEAR(a, b, tolerance(wanted.type.getElementType()) * (single ? std::fabs(b) : scale) + (single ? least(wanted.type.getElementType()) : 0)) << what << " element " << i;
  }
}

struct Expected {
  std::string name;
  std::vector<Literal> inputs;
  SmallVector<Literal> outputs;
  std::string text;
  bool awkward = false; // elements are compared one by one, not with the largest
  bool cancels = false; // output 0 is a long sum of both signs, made for its gradients: its own last bits say nothing
};

/// Compiles a module and runs each function that is expected.
void compileAndRun(ModuleOp module, std::vector<Expected> &functions, const std::string &target = "host") {
  Artifact artifact(module, target);
  ASSERT_TRUE(artifact.loaded());
  for (Expected &e : functions) {
    std::vector<tenon_array> in, out;
    std::vector<Literal> results;
    for (Literal &x : e.inputs)
      in.push_back(view(x));
    for (Literal &y : e.outputs)
      results.push_back(Literal::zeros(y.type));
    for (Literal &y : results)
      out.push_back(view(y));
    artifact.call(e.name, in, out, e.text);
    for (auto [i, y] : llvm::enumerate(e.outputs))
      if (i > 0 || !e.cancels)
        compare(results[i], y, e.awkward, e.text + "output " + std::to_string(i));
  }
}

/// Takes f's module apart: gives f a name, evaluates it, and moves it to `target`.
void add(OwningOpRef<ModuleOp> source, const Case &c, bool cancels, ModuleOp target, std::vector<Expected> &functions) {
  std::string name = "f" + std::to_string(functions.size());
  func::FuncOp f = function(*source);
  f.setName(name);
  f->setAttr("tenon.function", StringAttr::get(&context(), name));
  for (unsigned i = 0; i < f.getNumArguments(); ++i)
    f.setArgAttr(i, "tenon.name", StringAttr::get(&context(), "x" + std::to_string(i)));
  for (unsigned i = 0; i < f.getNumResults(); ++i)
    f.setResultAttr(i, "tenon.name", StringAttr::get(&context(), "y" + std::to_string(i)));
  bool pointwise = llvm::all_of(f.getBody().front().without_terminator(), [](Operation &op) {
    auto nest = dyn_cast<ir::LoopNestOpInterface>(op);
    return nest && llvm::all_of(nest.getLoopMaps(), [](AffineMap map) { return map && map.isIdentity(); });
  });
  for (bool awkward : {false, true}) {
    if (awkward && !pointwise)
      continue;
    Expected e{name, awkward ? awkwardInputs(f, c) : inputs(f, c), {}, "", awkward, cancels};
    llvm::raw_string_ostream(e.text) << f << (awkward ? "\nawkward " : "\n");
    llvm::StringMap<Literal> state;
    llvm::Expected<SmallVector<Literal>> y = compiler::evaluate(f, e.inputs, state);
    ASSERT_TRUE(bool(y)) << llvm::toString(y.takeError());
    e.outputs = *y;
    functions.push_back(std::move(e));
  }
  for (Operation &op : llvm::make_early_inc_range(*source->getBody()))
    op.moveBefore(target.getBody(), target.getBody()->end());
}

} // namespace

TEST_P(EveryCompiledOp, ComputesWhatTheEvaluatorDoes) {
  OwningOpRef<ModuleOp> all = ModuleOp::create(UnknownLoc::get(&context()));
  std::vector<Expected> functions;
  std::vector<Case> cases = allCases();
  llvm::append_range(cases, largeCases());
  for (const Case &c : cases) {
    if (c.op != GetParam())
      continue;
    if (c.text.find("prim.state") != std::string::npos) {
      OwningOpRef<ModuleOp> own = ModuleOp::create(UnknownLoc::get(&context()));
      std::vector<Expected> one;
      add(parse(c.text), c, false, *own, one);
      compileAndRun(*own, one);
      continue;
    }
    add(parse(c.text), c, false, *all, functions);
    OwningOpRef<ModuleOp> gradients = parse(c.text);
    if (c.text.find("prim.gradient") == std::string::npos && addGradients(function(*gradients), 1))
      add(std::move(gradients), c, StringRef(c.name).ends_with("_large"), *all, functions);
  }
  if (!functions.empty())
    compileAndRun(*all, functions);
}

TEST_P(EveryCompiledOp, DoesSoOnOtherInstructionSets) {
  std::vector<std::string> targets{"x86-64"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    targets.push_back("haswell");
  std::vector<Case> cases = allCases();
  llvm::append_range(cases, largeCases());
  for (const std::string &target : targets) {
    OwningOpRef<ModuleOp> all = ModuleOp::create(UnknownLoc::get(&context()));
    std::vector<Expected> functions;
    for (const Case &c : cases)
      if (c.op == GetParam() && c.element != "f64" && c.element != "i64" && c.text.find("prim.state") == std::string::npos)
        add(parse(c.text), c, false, *all, functions);
    if (!functions.empty())
      compileAndRun(*all, functions, target);
  }
}

// Through NVRTC and the driver of test/cuda, which run the kernels' text here.
TEST_P(EveryCompiledOp, DoesSoOnGpus) {
  OwningOpRef<ModuleOp> all = ModuleOp::create(UnknownLoc::get(&context()));
  std::vector<Expected> functions;
  std::vector<Case> cases = allCases();
  llvm::append_range(cases, largeCases());
  for (const Case &c : cases)
    if (c.op == GetParam() && c.element != "f64" && c.element != "i64" && c.text.find("prim.state") == std::string::npos)
      add(parse(c.text), c, false, *all, functions);
  if (!functions.empty())
    compileAndRun(*all, functions, "cuda");
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryCompiledOp, testing::ValuesIn(allOps()), [](const auto &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

} // namespace tenon::test
