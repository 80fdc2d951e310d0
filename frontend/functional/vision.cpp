// Channels that become pixels, patches that become columns: slices, reshapes and pads.
#include "frontend/functional/vision.h"
#include "compiler/dialect/nn/window.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"

namespace tenon {

using record::builder;

static void expect_divisor(const char *op, const Tensor &x, int64_t factor, bool divides, Location loc) {
  if (factor < 1 || !divides)
    throw record::error(op, "expected a positive factor that divides the dimensions of " + record::text(x) + ", came " + std::to_string(factor), loc);
}
static void expect_image(const char *op, const Tensor &x, Location loc) {
  detail::expect_defined(op, "input", x, loc);
  if (x.dim() < 3)
    throw record::error(op, "expected [..., C, H, W], came " + record::text(x), loc);
}

Tensor pixel_shuffle(const Tensor &x, int64_t r, Location loc) {
  expect_image("pixel_shuffle", x, loc);
  expect_divisor("pixel_shuffle", x, r, r > 0 && x.size(-3) % (r * r) == 0, loc);
  int64_t channels = x.size(-3) / (r * r), height = x.size(-2), width = x.size(-1);
  Shape lead(x.sizes().begin(), x.sizes().end() - 3), result = lead;
  int64_t n = 1;
  for (int64_t s : lead)
    n *= s;
  result.insert(result.end(), {channels, height * r, width * r});
  return x.reshape({n, channels, r, r, height, width}, loc).permute({0, 1, 4, 2, 5, 3}, loc).reshape(result, loc);
}
Tensor pixel_unshuffle(const Tensor &x, int64_t r, Location loc) {
  expect_image("pixel_unshuffle", x, loc);
  expect_divisor("pixel_unshuffle", x, r, r > 0 && x.size(-2) % r == 0 && x.size(-1) % r == 0, loc);
  int64_t channels = x.size(-3), height = x.size(-2) / r, width = x.size(-1) / r;
  Shape lead(x.sizes().begin(), x.sizes().end() - 3), result = lead;
  int64_t n = 1;
  for (int64_t s : lead)
    n *= s;
  result.insert(result.end(), {channels * r * r, height, width});
  return x.reshape({n, channels, height, r, width, r}, loc).permute({0, 1, 3, 5, 2, 4}, loc).reshape(result, loc);
}
Tensor channel_shuffle(const Tensor &x, int64_t groups, Location loc) {
  expect_image("channel_shuffle", x, loc);
  expect_divisor("channel_shuffle", x, groups, groups > 0 && x.size(1) % groups == 0, loc);
  Shape split = x.sizes().vec();
  split[1] /= groups;
  split.insert(split.begin() + 1, groups);
  return x.reshape(split, loc).transpose(1, 2, loc).reshape(x.sizes(), loc);
}

namespace nn::functional {

Tensor pixel_shuffle(const Tensor &x, const PixelShuffleFuncOptions &options, Location loc) { return tenon::pixel_shuffle(x, options.upscale_factor(), loc); }
Tensor pixel_unshuffle(const Tensor &x, const PixelUnshuffleFuncOptions &options, Location loc) { return tenon::pixel_unshuffle(x, options.downscale_factor(), loc); }

namespace {

struct Patches {
  int64_t kernel[2], stride[2], padding[2], dilation[2], count[2], size[2];
};
template <class Options> Patches patches(const char *op, const Options &o, int64_t height, int64_t width, Location loc) {
  Patches p;
  for (size_t i = 0; i < 2; ++i) {
    p.kernel[i] = o.kernel_size()[i], p.stride[i] = o.stride()[i], p.padding[i] = o.padding()[i], p.dilation[i] = o.dilation()[i];
    p.size[i] = i ? width : height;
    bool positive = p.kernel[i] > 0 && p.stride[i] > 0 && p.dilation[i] > 0 && p.padding[i] >= 0;
    p.count[i] = positive ? ir::nn::windowCount(p.size[i], p.kernel[i], p.stride[i], p.padding[i], p.dilation[i], false) : 0;
    if (p.count[i] < 1)
      throw record::error(op, "no patch of kernel " + std::to_string(p.kernel[i]) + ", stride " + std::to_string(p.stride[i]) + ", padding " + std::to_string(p.padding[i]) + ", dilation " +
                                  std::to_string(p.dilation[i]) + " fits into " + std::to_string(p.size[i]) + " elements", loc);
  }
  return p;
}

} // namespace

Tensor unfold(const Tensor &input, const UnfoldFuncOptions &options, Location loc) {
  detail::expect_floating("unfold", "input", input, loc);
  if (input.dim() != 3 && input.dim() != 4)
    throw record::error("unfold", "expected [N, C, H, W] or [C, H, W], came " + record::text(input), loc);
  Tensor x = input.dim() == 3 ? input.unsqueeze(0, loc) : input;
  Patches p = patches("unfold", options, x.size(2), x.size(3), loc);
  if (p.padding[0] || p.padding[1])
    x = record::op<ir::prim::PadOp>({x, record::constant(0, x.scalar_type(), {}, loc)}, loc, [&](auto &a) {
      a.low = a.high = builder().getDenseI64ArrayAttr({0, 0, p.padding[0], p.padding[1]});
      a.interior = builder().getDenseI64ArrayAttr({});
    });
  TensorList places;
  for (int64_t i = 0; i < p.kernel[0]; ++i)
    for (int64_t j = 0; j < p.kernel[1]; ++j) {
      Tensor rows = x.slice(2, i * p.dilation[0], i * p.dilation[0] + (p.count[0] - 1) * p.stride[0] + 1, p.stride[0], loc);
      places.push_back(rows.slice(3, j * p.dilation[1], j * p.dilation[1] + (p.count[1] - 1) * p.stride[1] + 1, p.stride[1], loc));
    }
  Tensor y = stack(places, 2, loc).reshape({x.size(0), x.size(1) * p.kernel[0] * p.kernel[1], p.count[0] * p.count[1]}, loc);
  return input.dim() == 3 ? y.squeeze(0, loc) : y;
}

Tensor fold(const Tensor &input, const FoldFuncOptions &options, Location loc) {
  detail::expect_floating("fold", "input", input, loc);
  if (input.dim() != 2 && input.dim() != 3)
    throw record::error("fold", "expected [N, C kh kw, L] or [C kh kw, L], came " + record::text(input), loc);
  Tensor x = input.dim() == 2 ? input.unsqueeze(0, loc) : input;
  Patches p = patches("fold", options, options.output_size()[0], options.output_size()[1], loc);
  int64_t places = p.kernel[0] * p.kernel[1];
  if (x.size(1) % places || x.size(2) != p.count[0] * p.count[1])
    throw record::error("fold", "expected columns of a multiple of " + std::to_string(places) + " numbers for " + std::to_string(p.count[0] * p.count[1]) + " patches, came " + record::text(input), loc);
  x = x.reshape({x.size(0), x.size(1) / places, places, p.count[0], p.count[1]}, loc);
  Tensor sum, zero = record::constant(0, x.scalar_type(), {}, loc);
  for (int64_t place = 0; place < places; ++place) {
    Shape low(4, 0), high(4, 0), interior(4, 0);
    for (size_t i = 0; i < 2; ++i) {
      low[2 + i] = (i ? place % p.kernel[1] : place / p.kernel[1]) * p.dilation[i] - p.padding[i];
      interior[2 + i] = p.stride[i] - 1;
      high[2 + i] = p.size[i] - low[2 + i] - ((p.count[i] - 1) * p.stride[i] + 1);
    }
    Tensor part = record::op<ir::prim::PadOp>({x.select(2, place, loc), zero}, loc, [&](auto &a) {
      a.low = builder().getDenseI64ArrayAttr(low);
      a.high = builder().getDenseI64ArrayAttr(high);
      a.interior = builder().getDenseI64ArrayAttr(interior);
    });
    sum = sum.defined() ? sum.add({part, loc}) : part;
  }
  return input.dim() == 2 ? sum.squeeze(0, loc) : sum;
}

} // namespace nn::functional
} // namespace tenon
