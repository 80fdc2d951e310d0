// How the ops of the family `basic` are called.
#include "../family.h"

using namespace tenon;
using parity::Op;

namespace {

Reduction reduction(const Json &o) {
  return o["reduction"] == "none" ? kNone : o["reduction"] == "sum" ? kSum : kMean;
}

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

const parity::Family family("basic", {
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
    {"max", [](auto &in, auto &o) { return max(in[0], o["dim"].template get<int64_t>(), o.value("keepdim", false)); }},
    {"argmax", [](auto &in, auto &o) { return argmax(in[0], o["dim"].template get<int64_t>()); }},
    {"gt", [](auto &in, auto &) { return in[0].gt(in[1]); }},
    {"where", [](auto &in, auto &) { return where(in[0], in[1], in[2]); }},
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
});

} // namespace
