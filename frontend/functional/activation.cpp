// Activations: one op of the dialect `nn` each.
#include "frontend/functional/activation.h"
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"

namespace tenon::nn::functional {
namespace {

mlir::FloatAttr number(double value) {
  return record::builder().getF64FloatAttr(value);
}

template <class Op, class Set = std::nullptr_t>
Tensor activation(const char *name, const Tensor &x, bool inplace, Location loc, Set set = nullptr) {
  tenon::detail::expect_floating(name, "input", x, loc);
  Tensor y = record::op<Op>({x}, loc, set);
  return inplace ? x.copy_(y, false, loc) : y;
}

void expect(bool good, const char *op, const char *option, double value, const char *expected, Location loc) {
  if (!good)
    throw record::error(op, std::string("expected ") + option + " " + expected + ", came " + std::to_string(value), loc);
}

} // namespace

Tensor elu(const Tensor &x, const ELUFuncOptions &o, Location loc) {
  return activation<ir::nn::EluOp>("elu", x, o.inplace(), loc, [&](auto &p) { p.alpha = number(o.alpha()); });
}
Tensor selu(const Tensor &x, const SELUFuncOptions &o, Location loc) {
  return activation<ir::nn::SeluOp>("selu", x, o.inplace(), loc);
}
Tensor celu(const Tensor &x, const CELUFuncOptions &o, Location loc) {
  expect(o.alpha() != 0, "celu", "alpha", o.alpha(), "other than 0", loc);
  return activation<ir::nn::CeluOp>("celu", x, o.inplace(), loc, [&](auto &p) { p.alpha = number(o.alpha()); });
}
Tensor hardtanh(const Tensor &x, const HardtanhFuncOptions &o, Location loc) {
  expect(o.min_val() <= o.max_val(), "hardtanh", "min_val", o.min_val(), "not above max_val", loc);
  return activation<ir::nn::HardtanhOp>("hardtanh", x, o.inplace(), loc, [&](auto &p) {
    p.min_val = number(o.min_val());
    p.max_val = number(o.max_val());
  });
}
Tensor relu6(const Tensor &x, const ReLU6FuncOptions &o, Location loc) {
  return activation<ir::nn::HardtanhOp>("relu6", x, o.inplace(), loc, [&](auto &p) {
    p.min_val = number(0);
    p.max_val = number(6);
  });
}
Tensor hardsigmoid(const Tensor &x, bool inplace, Location loc) {
  return activation<ir::nn::HardsigmoidOp>("hardsigmoid", x, inplace, loc);
}
Tensor hardswish(const Tensor &x, bool inplace, Location loc) {
  return activation<ir::nn::HardswishOp>("hardswish", x, inplace, loc);
}
Tensor hardshrink(const Tensor &x, const HardshrinkFuncOptions &o, Location loc) {
  return activation<ir::nn::HardshrinkOp>("hardshrink", x, false, loc, [&](auto &p) { p.lambd = number(o.lambda()); });
}
Tensor softshrink(const Tensor &x, const SoftshrinkFuncOptions &o, Location loc) {
  expect(o.lambda() >= 0, "softshrink", "lambda", o.lambda(), "at least 0", loc);
  return activation<ir::nn::SoftshrinkOp>("softshrink", x, false, loc, [&](auto &p) { p.lambd = number(o.lambda()); });
}
Tensor tanhshrink(const Tensor &x, Location loc) {
  return activation<ir::nn::TanhshrinkOp>("tanhshrink", x, false, loc);
}
Tensor threshold(const Tensor &x, const ThresholdFuncOptions &o, Location loc) {
  return activation<ir::nn::ThresholdOp>("threshold", x, o.inplace(), loc, [&](auto &p) {
    p.threshold = number(o.threshold());
    p.value = number(o.value());
  });
}
Tensor softplus(const Tensor &x, const SoftplusFuncOptions &o, Location loc) {
  expect(o.beta() != 0, "softplus", "beta", o.beta(), "other than 0", loc);
  return activation<ir::nn::SoftplusOp>("softplus", x, false, loc, [&](auto &p) {
    p.beta = number(o.beta());
    p.threshold = number(o.threshold());
  });
}
Tensor softsign(const Tensor &x, Location loc) {
  return activation<ir::nn::SoftsignOp>("softsign", x, false, loc);
}
Tensor logsigmoid(const Tensor &x, Location loc) {
  return activation<ir::nn::LogSigmoidOp>("logsigmoid", x, false, loc);
}
Tensor mish(const Tensor &x, bool inplace, Location loc) {
  return activation<ir::nn::MishOp>("mish", x, inplace, loc);
}
Tensor softmin(const Tensor &x, int64_t dim, Location loc) {
  return x.neg(loc).softmax(dim, loc);
}

Tensor prelu(const Tensor &input, const Tensor &w, Location loc) {
  auto [x, weight] = record::autocast<ir::nn::PreluOp>(loc, input, w);
  tenon::detail::expect_floating("prelu", "input", x, loc);
  tenon::detail::expect_floating("prelu", "weight", weight, loc);
  if (x.scalar_type() != weight.scalar_type() || weight.dim() != 1 || (weight.numel() != 1 && (x.dim() < 2 || x.size(1) != weight.numel())))
    throw record::error("prelu",
                        "expected a weight [1], or one per channel (dimension 1), of the dtype of " + record::text(x) + ", came " +
                            record::text(weight),
                        loc);
  return record::op<ir::nn::PreluOp>({x, weight}, loc);
}

Tensor glu(const Tensor &x, const GLUFuncOptions &o, Location loc) {
  tenon::detail::expect_floating("glu", "input", x, loc);
  int64_t dim = record::wrap_dim("glu", o.dim(), x.dim(), loc);
  if (x.dim() == 0 || x.size(dim) % 2)
    throw record::error("glu", "expected an even extent of dimension " + std::to_string(o.dim()) + ", came " + record::text(x), loc);
  return record::op<ir::nn::GluOp>({x}, loc, [&](auto &p) { p.dim = record::builder().getI64IntegerAttr(dim); });
}

} // namespace tenon::nn::functional
