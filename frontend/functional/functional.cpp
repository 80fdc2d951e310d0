// Activations, linear and dropout: one op of the dialect `nn` each.
#include "frontend/functional/functional.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/places.h"

namespace tenon {

using record::builder;

void detail::expect_defined(const char *op, const char *what, const Tensor &x, Location loc) {
  if (!x.defined())
    throw record::error(op, std::string("the ") + what + " is an undefined tensor", loc);
}

void detail::expect_floating(const char *op, const char *what, const Tensor &x, Location loc) {
  expect_defined(op, what, x, loc);
  if (!x.is_floating_point())
    throw record::error(op, std::string("expected ") + what + " of floating point, came " + record::text(x), loc);
}

Tensor leaky_relu(const Tensor &x, Scalar negative_slope, Location loc) {
  detail::expect_floating("leaky_relu", "input", x, loc);
  return record::op<ir::nn::LeakyReluOp>({x}, loc, [&](auto &p) { p.slope = builder().getF64FloatAttr(negative_slope.toDouble()); });
}

Tensor gelu(const Tensor &x, const std::string &approximate, Location loc) {
  if (approximate != "none" && approximate != "tanh")
    throw record::error("gelu", "expected approximate \"none\" or \"tanh\", came \"" + approximate + "\"", loc);
  detail::expect_floating("gelu", "input", x, loc);
  auto form = approximate == "none" ? ir::nn::GeluForm::none : ir::nn::GeluForm::tanh;
  return record::op<ir::nn::GeluOp>({x}, loc, [&](auto &p) { p.approximate = ir::nn::GeluFormAttr::get(&record::context(), form); });
}

Tensor silu(const Tensor &x, Location loc) {
  detail::expect_floating("silu", "input", x, loc);
  return record::op<ir::nn::SiluOp>({x}, loc);
}

Tensor linear(const Tensor &input, const Tensor &w, const Tensor &b, Location loc) {
  auto [x, weight, bias] = record::autocast<ir::nn::LinearOp>(loc, input, w, b);
  detail::expect_floating("linear", "input", x, loc);
  detail::expect_floating("linear", "weight", weight, loc);
  if (weight.dim() != 2 || x.dim() < 1 || x.size(-1) != weight.size(1))
    throw record::error("linear", "expected an input [..., in] and a weight [out, in], came " + record::text(x) + " and " + record::text(weight), loc);
  if (bias.defined() && !(bias.sizes() == IntArrayRef(weight.size(0))))
    throw record::error("linear", "expected a bias [" + std::to_string(weight.size(0)) + "] for the weight " + record::text(weight) + ", came " + record::text(bias), loc);
  if (x.scalar_type() != weight.scalar_type() || (bias.defined() && bias.scalar_type() != weight.scalar_type()))
    throw record::error("linear", "expected one dtype, came input " + record::text(x) + ", weight " + record::text(weight) + (bias.defined() ? ", bias " + record::text(bias) : ""), loc);
  return record::op<ir::nn::LinearOp>({x, weight, bias}, loc);
}

Tensor dropout(const Tensor &x, double p, bool train, Location loc) {
  if (!(p >= 0 && p <= 1))
    throw record::error("dropout", "expected a probability p in [0, 1], came " + std::to_string(p), loc);
  detail::expect_floating("dropout", "input", x, loc);
  if (!train || p == 0 || x.numel() == 0)
    return x;
  if (p == 1)
    return x.mul({0.0, loc});
  record::Draw draw = record::draw(x.numel(), loc);
  return record::op<ir::nn::DropoutOp>({x, draw.seed, draw.counter}, loc, [&](auto &a) { a.p = builder().getF64FloatAttr(p); });
}

namespace nn::functional {

Tensor relu(const Tensor &x, const ReLUFuncOptions &options, Location loc) { return options.inplace() ? x.relu_(loc) : x.relu(loc); }

Tensor leaky_relu(const Tensor &x, const LeakyReLUFuncOptions &options, Location loc) {
  Tensor y = tenon::leaky_relu(x, options.negative_slope(), loc);
  return options.inplace() ? x.copy_(y, false, loc) : y;
}

Tensor gelu(const Tensor &x, const GELUFuncOptions &options, Location loc) { return tenon::gelu(x, options.approximate(), loc); }
Tensor silu(const Tensor &x, Location loc) { return tenon::silu(x, loc); }
Tensor sigmoid(const Tensor &x, Location loc) { return x.sigmoid(loc); }
Tensor tanh(const Tensor &x, Location loc) { return x.tanh(loc); }
Tensor softmax(const Tensor &x, const SoftmaxFuncOptions &options, Location loc) { return x.softmax(options.dim(), loc); }
Tensor log_softmax(const Tensor &x, const LogSoftmaxFuncOptions &options, Location loc) { return x.log_softmax(options.dim(), loc); }

Tensor dropout(const Tensor &x, const DropoutFuncOptions &options, Location loc) {
  Tensor y = tenon::dropout(x, options.p(), options.training(), loc);
  return options.inplace() && !y.is_same(x) ? x.copy_(y, false, loc) : y;
}

Tensor one_hot(const Tensor &target, int64_t num_classes, Location loc) {
  detail::expect_defined("one_hot", "target", target, loc);
  if (target.is_floating_point())
    throw record::error("one_hot", "expected integer targets, came " + record::text(target), loc);
  if (num_classes == -1 && target.numel()) {
    detail::expect_readable("one_hot", "say the number of classes", loc);
    num_classes = target.max(loc).item<int64_t>(loc) + 1;
  }
  if (num_classes < 1)
    throw record::error("one_hot", "expected at least one class, came " + std::to_string(num_classes), loc);
  Tensor checked = detail::checked_index("one_hot", target, num_classes, false, loc), classes = arange(num_classes, target.options().dtype(kLong), loc);
  return checked.unsqueeze(-1, loc).eq({classes, loc}).to(kLong, loc);
}

} // namespace nn::functional
} // namespace tenon
