// Images at another size.
#include "frontend/functional/check.h"
#include "frontend/functional/pooling.h"
#include "frontend/functional/vision.h"
#include "frontend/tensor/record.h"

#include <cmath>

namespace tenon::nn::functional {

Tensor interpolate(const Tensor &x, const InterpolateFuncOptions &o, Location loc) {
  auto refuse = [&](const std::string &what) { throw record::error("interpolate", what, loc); };
  detail::expect_floating("interpolate", "input", x, loc);
  int64_t dims = x.dim() - 2;
  if (dims < 1 || dims > 3)
    refuse("expected [N, C, spatial...] with one to three spatial dimensions, came " + record::text(x));
  InterpolateMode mode = o.mode();
  bool smooth = mode == kLinearMode || mode == kBilinear || mode == kBicubic || mode == kTrilinear;
  int64_t wanted = mode == kLinearMode ? 1 : mode == kTrilinear ? 3 : smooth ? 2 : dims;
  if (dims != wanted)
    refuse("this mode is for " + std::to_string(wanted) + " spatial dimensions, came " + record::text(x));
  if (o.align_corners() && !smooth)
    refuse("align_corners is for lines and cubics");
  if (bool(o.size()) == bool(o.scale_factor()))
    refuse("expected a size or a scale_factor, and not both");
  auto fits = [&](size_t given) { return given == 1 || int64_t(given) == dims; };
  if (!fits(o.size() ? o.size()->size() : o.scale_factor()->size()))
    refuse("expected " + std::to_string(dims) + " numbers, or one for all spatial dimensions of " + record::text(x));
  bool align = o.align_corners().value_or(false), recompute = o.recompute_scale_factor().value_or(false);
  Shape size;
  std::vector<double> step;
  for (int64_t i = 0; i < dims; ++i) {
    int64_t extent = x.size(2 + i);
    double factor = 0;
    if (o.size())
      size.push_back((*o.size())[o.size()->size() == 1 ? 0 : size_t(i)]);
    else {
      factor = (*o.scale_factor())[o.scale_factor()->size() == 1 ? 0 : size_t(i)];
      size.push_back(factor > 0 ? int64_t(std::floor(double(extent) * factor)) : 0);
    }
    int64_t n = size.back();
    if (n < 1 || extent < 1)
      refuse("expected positive sizes, came " + std::to_string(n) + " for dimension " + std::to_string(2 + i) + " of " + record::text(x));
    step.push_back(smooth && align ? (n > 1 ? double(extent - 1) / double(n - 1) : 0) : factor > 0 && !recompute ? 1 / factor : double(extent) / double(n));
  }
  if (mode == kArea)
    return dims == 1 ? adaptive_avg_pool1d(x, size, loc) : dims == 2 ? adaptive_avg_pool2d(x, size, loc) : adaptive_avg_pool3d(x, size, loc);
  auto form = mode == kNearest ? ir::nn::ResizeForm::nearest : mode == kNearestExact ? ir::nn::ResizeForm::nearest_exact : mode == kBicubic ? ir::nn::ResizeForm::cubic : ir::nn::ResizeForm::linear;
  return record::op<ir::nn::ResizeOp>({x}, loc, [&](auto &p) {
    p.form = ir::nn::ResizeFormAttr::get(&record::context(), form);
    p.size = record::builder().getDenseI64ArrayAttr(size);
    p.step = mlir::DenseF64ArrayAttr::get(&record::context(), step);
    p.align_corners = record::builder().getBoolAttr(smooth && align);
  });
}

} // namespace tenon::nn::functional
