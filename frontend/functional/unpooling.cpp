// Maxima put back where they were found.
#include "frontend/functional/check.h"
#include "frontend/functional/pooling.h"
#include "frontend/tensor/record.h"

#include <cstdlib>

namespace tenon::nn::functional {
namespace {

template <size_t D> Tensor max_unpool(const Tensor &x, const Tensor &indices, const MaxUnpoolFuncOptions<D> &o, Location loc) {
  std::string op = "max_unpool" + std::to_string(D) + "d";
  auto refuse = [&](const std::string &what) { throw record::error(op.c_str(), what, loc); };
  detail::expect_floating(op.c_str(), "input", x, loc);
  constexpr auto dims = int64_t(D);
  if (x.dim() != dims + 1 && x.dim() != dims + 2)
    refuse("expected [C, spatial...] or [N, C, spatial...] with " + std::to_string(D) + " spatial dimensions, came " + record::text(x));
  if (!indices.defined() || !(indices.sizes() == x.sizes()) || indices.scalar_type() != kLong)
    refuse("expected indices of dtype int64 and the input's shape " + record::shape_text(x.sizes()) + ", came " + record::text(indices));
  Shape lead(x.sizes().begin(), x.sizes().end() - dims), sizes;
  std::vector<int64_t> wanted = o.output_size().value_or(std::vector<int64_t>());
  if (wanted.size() == size_t(x.dim()))
    wanted.erase(wanted.begin(), wanted.end() - dims);
  if (o.output_size() && wanted.size() != D)
    refuse("expected an output_size of " + std::to_string(D) + " or " + std::to_string(x.dim()) + " numbers, came " + record::shape_text(*o.output_size()));
  int64_t planes = 1, from = 1, to = 1;
  for (int64_t n : lead)
    planes *= n;
  for (size_t i = 0; i < D; ++i) {
    int64_t size = x.size(int64_t(i) - dims), stride = o.stride()[i], usual = (size - 1) * stride - 2 * o.padding()[i] + o.kernel_size()[i];
    if (o.kernel_size()[i] < 1 || stride < 1 || o.padding()[i] < 0)
      refuse("expected kernels and strides above and paddings from 0 on, came kernel " + std::to_string(o.kernel_size()[i]) + ", stride " + std::to_string(stride) + ", padding " + std::to_string(o.padding()[i]));
    if (!wanted.empty() && std::abs(wanted[i] - usual) >= stride)
      refuse("expected an output_size between " + std::to_string(usual - stride + 1) + " and " + std::to_string(usual + stride - 1) + " in spatial dimension " + std::to_string(i) + ", came " + std::to_string(wanted[i]));
    sizes.push_back(wanted.empty() ? usual : wanted[i]);
    if (size < 1 || sizes.back() < 1)
      refuse("expected spatial dimensions with elements, came " + record::text(x) + " to become " + record::shape_text(sizes));
    from *= size, to *= sizes.back();
  }
  Shape result = lead;
  result.insert(result.end(), sizes.begin(), sizes.end());
  Tensor empty = zeros({planes, to}, x.options(), loc), places = indices.reshape({planes, from}, loc), values = x.reshape({planes, from}, loc);
  bool apart = true;
  for (size_t i = 0; i < D; ++i)
    apart &= o.stride()[i] >= o.kernel_size()[i];
  if (apart)
    return empty.scatter(1, places, Operand(values, loc), loc).reshape(result, loc);
  // Windows that overlap may share a maximum: its place holds it once, and as in PyTorch each of them gets the place's gradient (but for infinite ones, which have none).
  Tensor once = values.detach(loc), nothing = where(once.isfinite(loc), Operand(values.sub({once, loc}), loc), {0, loc});
  return empty.scatter(1, places, Operand(once, loc), loc).scatter_add(1, places, nothing, loc).reshape(result, loc);
}

} // namespace

Tensor max_unpool1d(const Tensor &x, const Tensor &indices, const MaxUnpool1dFuncOptions &options, Location loc) { return max_unpool(x, indices, options, loc); }
Tensor max_unpool2d(const Tensor &x, const Tensor &indices, const MaxUnpool2dFuncOptions &options, Location loc) { return max_unpool(x, indices, options, loc); }
Tensor max_unpool3d(const Tensor &x, const Tensor &indices, const MaxUnpool3dFuncOptions &options, Location loc) { return max_unpool(x, indices, options, loc); }

} // namespace tenon::nn::functional
