// Convolutions: what is wrong with them is said in terms of the user's tensors; then one op of the dialect `nn`.
#include "frontend/functional/conv.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"

namespace tenon {
namespace detail {
namespace {

std::string list(const std::vector<int64_t> &numbers) { return record::shape_text(numbers); }

/// Throws Error unless every number is at least `least`.
void expect_at_least(const Convolution &c, const char *what, const std::vector<int64_t> &numbers, int64_t least, Location loc) {
  for (int64_t n : numbers)
    if (n < least)
      throw record::error(c.op.c_str(), std::string("expected ") + what + " of at least " + std::to_string(least) + ", came " + list(numbers), loc);
}

void check_tensors(const Convolution &c, const Tensor &x, const Tensor &w, const Tensor &bias, Location loc) {
  auto error = [&](const std::string &what) { return record::error(c.op.c_str(), what, loc); };
  expect_floating(c.op.c_str(), "input", x, loc);
  expect_floating(c.op.c_str(), "weight", w, loc);
  const char *spatial[] = {"L", "H, W", "D, H, W"};
  if (w.dim() != c.spatial + 2)
    throw error(std::string("expected a weight [") + (c.transposed ? "in" : "out") + ", " + (c.transposed ? "out" : "in") + " / groups, kernel...] of rank " + std::to_string(c.spatial + 2) +
                ", came " + record::text(w));
  if (x.dim() != c.spatial + 2)
    throw error(std::string("expected an input [N, C, ") + spatial[c.spatial - 1] + "] or [C, " + spatial[c.spatial - 1] + "], came " + record::text(x));
  if (c.groups < 1)
    throw error("expected at least one group, came " + std::to_string(c.groups));
  int64_t channels = c.transposed ? w.size(0) : w.size(1) * c.groups, features = c.transposed ? w.size(1) * c.groups : w.size(0);
  if (w.size(0) % c.groups)
    throw error(std::to_string(c.groups) + " groups do not divide the " + std::to_string(w.size(0)) + (c.transposed ? " input" : " output") + " channels of the weight " + record::text(w));
  if (x.size(1) != channels)
    throw error("the weight " + record::text(w) + (c.groups > 1 ? " in " + std::to_string(c.groups) + " groups" : "") + " takes " + std::to_string(channels) + " channels, the input " +
                record::text(x) + " has " + std::to_string(x.size(1)));
  if (bias.defined() && !(bias.sizes() == IntArrayRef(features)))
    throw error("expected a bias [" + std::to_string(features) + "] for the weight " + record::text(w) + ", came " + record::text(bias));
  if (x.scalar_type() != w.scalar_type() || (bias.defined() && bias.scalar_type() != w.scalar_type()))
    throw error("expected one dtype, came input " + record::text(x) + ", weight " + record::text(w) + (bias.defined() ? ", bias " + record::text(bias) : ""));
}

} // namespace

Tensor convolution(const Convolution &c, const Tensor &given, const Tensor &weight, const Tensor &b, Location loc) {
  auto [input, w, bias] = record::autocast<ir::nn::ConvOp>(loc, given, weight, b);
  auto error = [&](const std::string &what) { return record::error(c.op.c_str(), what, loc); };
  expect_defined(c.op.c_str(), "input", input, loc);
  expect_defined(c.op.c_str(), "weight", w, loc);
  bool single = input.dim() == c.spatial + 1;
  Tensor x = single ? input.unsqueeze(0, loc) : input;
  check_tensors(c, x, w, bias, loc);
  expect_at_least(c, "strides", c.stride, 1, loc);
  expect_at_least(c, "dilations", c.dilation, 1, loc);
  expect_at_least(c, "padding", c.padding, 0, loc);
  std::vector<int64_t> low = c.padding, high = c.padding;
  for (int64_t d = 0; d < c.spatial; ++d) {
    int64_t kernel = w.size(d + 2), window = c.dilation[d] * (kernel - 1) + 1;
    if (kernel < 1)
      throw error("expected a kernel that is not empty, came " + record::text(w));
    if (c.same) { // the odd element goes behind, as in PyTorch
      if (c.stride[d] != 1)
        throw error("padding \"same\" needs stride 1, came " + list(c.stride));
      low[d] = (window - 1) / 2, high[d] = window - 1 - low[d];
    }
    if (c.transposed) {
      if (c.output_padding[d] < 0 || c.output_padding[d] >= std::max(c.stride[d], c.dilation[d]))
        throw error("expected output_padding of at least 0 and below stride or dilation, came " + list(c.output_padding) + " with stride " + list(c.stride) + " and dilation " + list(c.dilation));
      if ((x.size(d + 2) - 1) * c.stride[d] - low[d] - high[d] + window + c.output_padding[d] < 1)
        throw error("the result would be empty: input " + record::text(x) + ", weight " + record::text(w) + ", padding " + list(low));
    } else if (x.size(d + 2) + low[d] + high[d] < window)
      throw error("a window of " + std::to_string(window) + " (kernel " + std::to_string(kernel) + ", dilation " + std::to_string(c.dilation[d]) + ") does not fit into " +
                  std::to_string(x.size(d + 2) + low[d] + high[d]) + " elements: input " + record::text(x) + ", padding " + list(low));
  }
  auto set = [&](auto &p) {
    auto array = [](const std::vector<int64_t> &n) { return record::builder().getDenseI64ArrayAttr(n); };
    p.stride = array(c.stride), p.low = array(low), p.high = array(high), p.dilation = array(c.dilation);
    p.groups = record::builder().getI64IntegerAttr(c.groups);
    if constexpr (requires { p.output_padding; })
      p.output_padding = array(c.output_padding);
  };
  Tensor y = c.transposed ? record::op<ir::nn::ConvTransposeOp>({x, w, bias}, loc, set) : record::op<ir::nn::ConvOp>({x, w, bias}, loc, set);
  return single ? y.squeeze(0, loc) : y;
}

Tensor pad_ends(const std::string &op, const Tensor &x, const std::vector<int64_t> &low, const std::vector<int64_t> &high, PaddingMode mode, Location loc) {
  Tensor y = x;
  for (size_t i = 0; i < low.size(); ++i) {
    int64_t d = x.dim() - low.size() + i, size = x.size(d), most = std::max(low[i], high[i]);
    if (most > (mode == kReflect ? size - 1 : mode == kCircular ? size : most) || size == 0)
      throw record::error(op.c_str(), "padding of " + std::to_string(most) + " elements asks for more than dimension " + std::to_string(d) + " of " + record::text(x) + " has", loc);
    auto part = [&](int64_t begin, int64_t count) { return y.narrow(d, begin, count, loc); };
    TensorList parts;
    auto end = [&](int64_t count, bool front) {
      if (count == 0)
        return;
      if (mode == kCircular)
        parts.push_back(part(front ? size - count : 0, count));
      else if (mode == kReflect)
        parts.push_back(part(front ? 1 : size - 1 - count, count).flip({d}, loc));
      else {
        std::vector<int64_t> sizes = y.sizes().vec();
        sizes[d] = count;
        parts.push_back(part(front ? 0 : size - 1, 1).expand(sizes, loc));
      }
    };
    end(low[i], true);
    parts.push_back(y);
    end(high[i], false);
    y = parts.size() == 1 ? y : cat(parts, d, loc);
  }
  return y;
}

namespace {

template <std::size_t D> Convolution numbers(const ExpandingArray<D> &stride, const ConvPadding<D> &padding, const ExpandingArray<D> &dilation, int64_t groups) {
  return {"conv" + std::to_string(D) + "d", D, stride.vec(), dilation.vec(), padding.amounts.vec(), {}, padding.kind == ConvPadding<D>::Kind::Same, false, groups};
}
template <std::size_t D>
Convolution transposed(const ExpandingArray<D> &stride, const ExpandingArray<D> &padding, const ExpandingArray<D> &output_padding, const ExpandingArray<D> &dilation, int64_t groups) {
  return {"conv_transpose" + std::to_string(D) + "d", D, stride.vec(), dilation.vec(), padding.vec(), output_padding.vec(), false, true, groups};
}

} // namespace
} // namespace detail

#define TENON_CONV(D)                                                                                                                                                                       \
  Tensor conv##D##d(const Tensor &x, const Tensor &w, const Tensor &bias, ExpandingArray<D> stride, ConvPadding<D> padding, ExpandingArray<D> dilation, int64_t groups, Location loc) {     \
    return detail::convolution(detail::numbers<D>(stride, padding, dilation, groups), x, w, bias, loc);                                                                                     \
  }                                                                                                                                                                                         \
  Tensor conv_transpose##D##d(const Tensor &x, const Tensor &w, const Tensor &bias, ExpandingArray<D> stride, ExpandingArray<D> padding, ExpandingArray<D> output_padding, int64_t groups,  \
                              ExpandingArray<D> dilation, Location loc) {                                                                                                                   \
    return detail::convolution(detail::transposed<D>(stride, padding, output_padding, dilation, groups), x, w, bias, loc);                                                                  \
  }                                                                                                                                                                                         \
  Tensor nn::functional::conv##D##d(const Tensor &x, const Tensor &w, const Conv##D##dFuncOptions &o, Location loc) {                                                                       \
    return detail::convolution(detail::numbers<D>(o.stride(), o.padding(), o.dilation(), o.groups()), x, w, o.bias(), loc);                                                                 \
  }                                                                                                                                                                                         \
  Tensor nn::functional::conv_transpose##D##d(const Tensor &x, const Tensor &w, const ConvTranspose##D##dFuncOptions &o, Location loc) {                                                    \
    return detail::convolution(detail::transposed<D>(o.stride(), o.padding(), o.output_padding(), o.dilation(), o.groups()), x, w, o.bias(), loc);                                          \
  }
TENON_CONV(1)
TENON_CONV(2)
TENON_CONV(3)
#undef TENON_CONV

Tensor conv_tbc(const Tensor &x, const Tensor &weight, const Tensor &bias, int64_t pad, Location loc) {
  if (!x.defined() || !weight.defined() || x.dim() != 3 || weight.dim() != 3 || x.size(2) != weight.size(1))
    throw record::error("conv_tbc", "expected an input [T, N, in] and a weight [width, in, out], came " + record::text(x) + " and " + record::text(weight), loc);
  return conv1d(x.permute({1, 2, 0}, loc), weight.permute({2, 1, 0}, loc), bias, 1, pad, 1, 1, loc).permute({2, 0, 1}, loc);
}

} // namespace tenon
