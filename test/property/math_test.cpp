// Functions in compiled code against long double: units in the last place over wide ranges, and what libm says of zeros, infinities and NaN.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/property/artifact.h"
#include "test/property/cases.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace mlir;
namespace tenon::test {
namespace {

struct Function {
  std::string name;
  long double (*exact)(long double);
  double low, high, ulps;
  bool logarithmic = false; ///< arguments are drawn evenly in their logarithm, of both signs
  bool single = false;      ///< f32, else f64
};

std::ostream &operator<<(std::ostream &os, const Function &f) { return os << f.name << (f.single ? " f32" : " f64") << " in [" << f.low << ", " << f.high << "]"; }

template <class T> std::vector<T> run(const std::string &op, const std::vector<T> &x) {
  std::string type = "tensor<" + std::to_string(x.size()) + (sizeof(T) == 4 ? "xf32>" : "xf64>");
  std::string text = "func.func @f(%x: " + type + ") -> " + type + " { %y = prim." + op + " %x : " + type + " return %y : " + type + " }";
  std::vector<T> y(x.size());
  int64_t size = x.size();
  tenon_type element = sizeof(T) == 4 ? TENON_FLOAT32 : TENON_FLOAT64;
  Artifact(text).call("f", {{const_cast<T *>(x.data()), element, 1, &size}}, {{y.data(), element, 1, &size}});
  return y;
}

template <class T> void check(const Function &f) {
  std::mt19937_64 random(7);
  std::vector<T> x(20003); // a tail that is no whole vector
  for (T &v : x) {
    double u = std::uniform_real_distribution<double>(0, 1)(random);
    v = f.logarithmic ? std::exp(std::log(f.low) + u * (std::log(f.high) - std::log(f.low))) * (random() & 1 && f.name[0] != 'l' ? -1 : 1) : f.low + u * (f.high - f.low);
  }
  std::vector<T> y = run(f.name, x);
  double worst = 0;
  T at = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    long double wanted = f.exact(x[i]);
    T rounded = static_cast<T>(std::fabs(wanted));
    double unit = std::max<double>(std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded, std::numeric_limits<T>::min());
    double error = std::fabs(static_cast<double>((static_cast<long double>(y[i]) - wanted) / unit));
    if (!(error <= worst))
      worst = error, at = x[i];
  }
  EXPECT_LE(worst, f.ulps) << "at " << at;
}

class Ulps : public testing::TestWithParam<Function> {};
TEST_P(Ulps, AreFew) { GetParam().single ? check<float>(GetParam()) : check<double>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Functions, Ulps, testing::Values(
  Function{"sin", sinl, 1e-6, 1e5, 2, true, true}, Function{"cos", cosl, 1e-6, 1e5, 2, true, true},
  Function{"sin", sinl, 1e5, 1e9, 2, true, true}, Function{"cos", cosl, 1e5, 1e9, 2, true, true},
  Function{"sin", sinl, -4, 4, 2, false, true}, Function{"cos", cosl, -4, 4, 2, false, true},
  Function{"sin", sinl, 1e-9, 1e5, 2, true}, Function{"cos", cosl, 1e-9, 1e5, 2, true},
  Function{"sin", sinl, -4, 4, 2}, Function{"cos", cosl, -4, 4, 2},
  Function{"exp", expl, -700, 709, 2}, Function{"exp", expl, -1, 1, 2}, Function{"exp", expl, 1e-12, 1, 2, true},
  Function{"expm1", expm1l, -50, 709, 2}, Function{"expm1", expm1l, -1, 1, 2}, Function{"expm1", expm1l, 1e-15, 1, 2, true},
  Function{"log", logl, 1e-300, 1e300, 2, true}, Function{"log", logl, 0.5, 2, 2}, Function{"log", logl, 1e-320, 1e-300, 2, true},
  Function{"log1p", log1pl, 1e-17, 1e17, 2, true}, Function{"log1p", log1pl, -0.9, 1, 2},
  Function{"tanh", tanhl, -22, 22, 2}, Function{"tanh", tanhl, 1e-12, 2, 2, true},
  Function{"erf", erfl, -7, 7, 2}, Function{"erf", erfl, 1e-12, 2, 2, true}));

TEST(Ulps, AwkwardArgumentsAreAsInLibm) {
  double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> x{0.0, -0.0, inf, -inf, nan, 1e300, -1e300, 1e-310, -1e-310, -2, -1, 710, -760};
  const std::vector<std::pair<std::string, double (*)(double)>> functions{{"sin", std::sin}, {"cos", std::cos}, {"exp", std::exp}, {"expm1", std::expm1}, {"log", std::log}, {"log1p", std::log1p}, {"tanh", std::tanh}, {"erf", std::erf}};
  for (auto [name, f] : functions) {
    std::vector<double> y = run(name, x);
    for (size_t i = 0; i < x.size(); ++i) {
      double wanted = f(x[i]);
      if (std::isnan(wanted)) EXPECT_TRUE(std::isnan(y[i])) << name << " of " << x[i];
      else if ((name == "sin" || name == "cos") && std::fabs(x[i]) > 1e15) EXPECT_LE(std::fabs(y[i]), 1) << name << " of " << x[i]; // nothing is left of the angle
      else if (std::isinf(wanted)) EXPECT_EQ(y[i], wanted) << name << " of " << x[i];
      else EXPECT_NEAR(y[i], wanted, std::fabs(wanted) * 1e-15 + 1e-323) << name << " of " << x[i];
    }
  }
}

template <class T> void equalEverywhere(const std::string &element) {
  const int64_t size = 10007;
  std::string type = "tensor<" + std::to_string(size) + "x" + element + ">";
  std::string text = "func.func @f(%s: tensor<i64>, %c: tensor<i64>) -> " + type + " { %y = nn.random_normal %s, %c : " + type + " return %y : " + type + " }";
  OwningOpRef<ModuleOp> module = parse(text);
  compiler::Literal seed = compiler::Literal::zeros(RankedTensorType::get({}, IntegerType::get(&context(), 64))), counter = seed;
  seed.set(0, {.integer = 11}), counter.set(0, {.integer = 1234567});
  llvm::StringMap<compiler::Literal> state;
  llvm::Expected<SmallVector<compiler::Literal>> oracle = compiler::evaluate(function(*module), {seed, counter}, state);
  ASSERT_TRUE(bool(oracle));
  const T *wanted = reinterpret_cast<const T *>((*oracle)[0].data.data());
  for (const char *target : {"x86-64", "haswell", "host"}) {
    if (std::string(target) == "haswell" && !__builtin_cpu_supports("avx2"))
      continue;
    std::vector<T> y(size);
    Artifact(text, target).call("f", {{seed.data.data(), TENON_INT64, 0, nullptr}, {counter.data.data(), TENON_INT64, 0, nullptr}},
                                {{y.data(), sizeof(T) == 4 ? TENON_FLOAT32 : TENON_FLOAT64, 1, &size}});
    for (int64_t i = 0; i < size; ++i)
      ASSERT_EQ(y[i], wanted[i]) << target << " draw " << i;
  }
}

TEST(Normal, HasEqualBitsOnEveryRoadF32) { equalEverywhere<float>("f32"); }
TEST(Normal, HasEqualBitsOnEveryRoadF64) { equalEverywhere<double>("f64"); }

} // namespace
} // namespace tenon::test
