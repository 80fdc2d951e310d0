// Values, gradients and second derivatives of single ops equal PyTorch's (ops.json), in float64 and float32.
#include "cases.h"

#include <cmath>
#include <functional>
#include <map>

using namespace tenon;
namespace F = nn::functional;

namespace {

using Op = std::function<Tensor(const TensorList &, const Json &)>;

Reduction reduction(const Json &o) { return o["reduction"] == "none" ? kNone : o["reduction"] == "sum" ? kSum : kMean; }

template <class Options> Options class_loss(const TensorList &in, const Json &o) {
  Options options;
  options.reduction(reduction(o));
  if (in.size() > 2)
    options.weight(in[2]);
  if (o.contains("ignore_index"))
    options.ignore_index(o["ignore_index"].get<int64_t>());
  if constexpr (requires { options.label_smoothing(0.1); })
    if (o.contains("label_smoothing"))
      options.label_smoothing(o["label_smoothing"].get<double>());
  return options;
}

Op unary(Tensor (Tensor::*op)(Location) const) {
  return [op](const TensorList &in, const Json &) { return (in[0].*op)(Location::current()); };
}

template <class All, class Some> Op reduce(All all, Some some) {
  return [=](const TensorList &in, const Json &o) {
    return o.contains("dim") ? some(in[0], o["dim"].get<std::vector<int64_t>>(), o.value("keepdim", false)) : all(in[0]);
  };
}

const std::map<std::string, Op> ops = {
    {"relu", [](auto &in, auto &) { return F::relu(in[0]); }},
    {"leaky_relu", [](auto &in, auto &o) { return F::leaky_relu(in[0], F::LeakyReLUFuncOptions().negative_slope(o.value("negative_slope", 0.01))); }},
    {"sigmoid", unary(&Tensor::sigmoid)},
    {"tanh", unary(&Tensor::tanh)},
    {"gelu", [](auto &in, auto &o) { return F::gelu(in[0], F::GELUFuncOptions().approximate(o.value("approximate", "none"))); }},
    {"silu", [](auto &in, auto &) { return F::silu(in[0]); }},
    {"exp", unary(&Tensor::exp)},
    {"expm1", unary(&Tensor::expm1)},
    {"sin", unary(&Tensor::sin)},
    {"cos", unary(&Tensor::cos)},
    {"erf", unary(&Tensor::erf)},
    {"abs", unary(&Tensor::abs)},
    {"log", unary(&Tensor::log)},
    {"log1p", unary(&Tensor::log1p)},
    {"sqrt", unary(&Tensor::sqrt)},
    {"rsqrt", unary(&Tensor::rsqrt)},
    {"add", [](auto &in, auto &) { return in[0] + in[1]; }},
    {"sub", [](auto &in, auto &) { return in[0] - in[1]; }},
    {"mul", [](auto &in, auto &) { return in[0] * in[1]; }},
    {"div", [](auto &in, auto &) { return in[0] / in[1]; }},
    {"sum", reduce([](const Tensor &x) { return x.sum(); }, [](const Tensor &x, IntArrayRef d, bool keep) { return x.sum(d, keep); })},
    {"mean", reduce([](const Tensor &x) { return x.mean(); }, [](const Tensor &x, IntArrayRef d, bool keep) { return x.mean(d, keep); })},
    {"softmax", [](auto &in, auto &o) { return F::softmax(in[0], F::SoftmaxFuncOptions(o["dim"].template get<int64_t>())); }},
    {"log_softmax", [](auto &in, auto &o) { return F::log_softmax(in[0], F::LogSoftmaxFuncOptions(o["dim"].template get<int64_t>())); }},
    {"matmul", [](auto &in, auto &) { return matmul(in[0], in[1]); }},
    {"linear", [](auto &in, auto &) { return in.size() > 2 ? F::linear(in[0], in[1], in[2]) : F::linear(in[0], in[1]); }},
    {"mse_loss", [](auto &in, auto &o) { return F::mse_loss(in[0], in[1], F::MSELossFuncOptions(reduction(o))); }},
    {"l1_loss", [](auto &in, auto &o) { return F::l1_loss(in[0], in[1], F::L1LossFuncOptions(reduction(o))); }},
    {"binary_cross_entropy",
     [](auto &in, auto &o) { return F::binary_cross_entropy(in[0], in[1], F::BinaryCrossEntropyFuncOptions().reduction(reduction(o))); }},
    {"binary_cross_entropy_with_logits",
     [](auto &in, auto &o) {
       return F::binary_cross_entropy_with_logits(in[0], in[1], F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(reduction(o)));
     }},
    {"cross_entropy", [](auto &in, auto &o) { return F::cross_entropy(in[0], in[1], class_loss<F::CrossEntropyFuncOptions>(in, o)); }},
    {"nll_loss",
     [](auto &in, auto &o) {
       return F::nll_loss(F::log_softmax(in[0], F::LogSoftmaxFuncOptions(1)), in[1], class_loss<F::NLLLossFuncOptions>(in, o));
     }},
};

/// |actual - expected| <= tolerance x max |expected| + 1e-12, over one tensor.
void expect_close(const Tensor &actual, const std::vector<double> &expected, double tolerance, const std::string &what) {
  Tensor values = actual.to(kFloat64).contiguous();
  ASSERT_EQ(values.numel(), static_cast<int64_t>(expected.size())) << what;
  const double *data = values.data_ptr<double>();
  double largest = 0, worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    worst = std::max(worst, std::isnan(data[i]) ? INFINITY : std::abs(data[i] - expected[i]));
  }
  EXPECT_LE(worst, tolerance * largest + (tolerance < 1e-6 ? 1e-12 : 1e-7)) << what << ", largest value " << largest;
}

struct Case {
  Json test;
  Dtype dtype;
  size_t number;
  std::string name() const { return test["op"].get<std::string>() + "_" + std::to_string(number) + (dtype == kFloat64 ? "_f64" : "_f32"); }
};

void PrintTo(const Case &c, std::ostream *out) { *out << c.name(); }

class Ops : public testing::TestWithParam<Case> {};

TEST_P(Ops, EqualPyTorch) {
  const auto &[test, dtype, number] = GetParam();
  double tolerance = dtype == kFloat64 ? 1e-9 : 1e-4;
  Sequence sequence{7};
  TensorList inputs, wrt;
  for (const Json &spec : test["inputs"]) {
    auto shape = spec["shape"].get<std::vector<int64_t>>();
    if (spec.contains("labels")) {
      inputs.push_back(tensor(sequence.labels(count(shape), spec["labels"])));
      continue;
    }
    std::vector<double> numbers = sequence.numbers(count(shape), spec.contains("unit") ? 0.45 : spec["scale"].get<double>());
    if (spec.contains("unit"))
      for (double &v : numbers)
        v += 0.5;
    inputs.push_back(make(numbers, shape, dtype));
    if (!spec.contains("constant"))
      wrt.push_back(inputs.back().requires_grad_());
  }
  Tensor output = ops.at(test["op"])(inputs, test["options"]);
  ASSERT_EQ(output.sizes().vec(), test["shape"].get<std::vector<int64_t>>());
  Tensor v = make(sequence, output.sizes().vec(), 1, dtype);
  TensorList gradients = grad((output * v).sum(), wrt, /*create_graph=*/true);
  Tensor total = zeros({}, dtype);
  for (size_t i = 0; i < wrt.size(); ++i)
    total = total + (gradients[i] * make(sequence, wrt[i].sizes().vec(), 1, dtype)).sum();
  TensorList second = grad(total, wrt);
  expect_close(output, test["output"], tolerance, "output");
  for (size_t i = 0; i < wrt.size(); ++i) {
    expect_close(gradients[i], test["gradients"][i], tolerance, "gradient " + std::to_string(i));
    expect_close(second[i], test["second"][i], tolerance, "second derivative " + std::to_string(i));
  }
}

std::vector<Case> all_ops() {
  std::vector<Case> all;
  for (Json &test : read_cases("ops.json"))
    for (Dtype dtype : {kFloat64, kFloat32})
      all.push_back({test, dtype, all.size() / 2});
  return all;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Ops, testing::ValuesIn(all_ops()), [](const auto &info) { return info.param.name(); });

} // namespace
