// Maxima of windows whose places are drawn: gathered, since they are data.
#include "frontend/functional/check.h"
#include "frontend/functional/pooling.h"
#include "frontend/tensor/places.h"

#include <cmath>

namespace tenon::nn::functional {
namespace {

struct Pooled {
  Tensor values, indices;
};

/// Where the windows of one dimension begin: u [planes] -> int64 [planes, count].
Tensor begins(const Tensor &u, int64_t size, int64_t kernel, int64_t count, Location loc) {
  auto last = tensor({size - kernel}, u.options().dtype(kLong), loc).expand({u.size(0), 1}, loc);
  if (count == 1)
    return last;
  auto apart = record::constant(double(size - kernel) / double(count - 1), u.scalar_type(), {}, loc);
  auto number = arange(0, count - 1, 1, u.options(), loc), start = u.unsqueeze(1, loc);
  auto from = number.add({start, loc}).mul({apart, loc}).floor(loc).sub({start.mul({apart, loc}).floor(loc), loc});
  return cat({from.to(kLong, loc), last}, 1, loc);
}

template <size_t D> Pooled pool(const std::string &op, const Tensor &x, const FractionalMaxPoolOptions<D> &o, Location loc) {
  auto refuse = [&](const std::string &what) { throw record::error(op.c_str(), what, loc); };
  detail::expect_floating(op.c_str(), "input", x, loc);
  constexpr auto dims = int64_t(D);
  if ((x.dim() != dims + 1 && x.dim() != dims + 2) || x.numel() == 0)
    refuse("expected an input [C, spatial...] or [N, C, spatial...] with " + std::to_string(D) + " spatial dimensions and elements, came " + record::text(x));
  if (o.output_size().has_value() == o.output_ratio().has_value())
    refuse("expected an output_size or an output_ratio, came " + std::string(o.output_size() ? "both" : "neither"));
  int64_t channels = x.size(-dims - 1), samples = x.dim() == dims + 2 ? x.size(0) : 1, planes = samples * channels, from = 1;
  Shape sizes(x.sizes().end() - dims, x.sizes().end()), counts, shape(x.sizes().begin(), x.sizes().end() - dims);
  for (size_t i = 0; i < D; ++i) {
    double ratio = o.output_ratio() ? (*o.output_ratio())[i] : 0.5;
    if (!(ratio > 0 && ratio < 1))
      refuse("expected an output_ratio between 0 and 1, came " + std::to_string(ratio));
    counts.push_back(o.output_size() ? (*o.output_size())[i] : int64_t(double(sizes[i]) * ratio));
    if (o.kernel_size()[i] < 1 || counts[i] < 1 || o.kernel_size()[i] + counts[i] - 1 > sizes[i])
      refuse("expected " + std::to_string(counts[i]) + " windows of " + std::to_string(o.kernel_size()[i]) + " to fit into spatial dimension " + std::to_string(i) + " of " + record::text(x));
    from *= sizes[i];
  }
  Tensor u = o._random_samples();
  if (!u.defined())
    u = rand({samples, channels, dims}, x.options(), loc);
  else if (!(u.sizes() == IntArrayRef({samples, channels, dims})) || u.scalar_type() != x.scalar_type())
    refuse("expected _random_samples " + record::shape_text({samples, channels, dims}) + " of the input's dtype, came " + record::text(u));
  u = u.detach(loc).reshape({planes, dims}, loc);
  // Places in a plane, [planes, window, ..., place in the window, ...]: a sum over dimensions, row-major.
  Tensor place;
  int64_t stride = 1;
  for (size_t i = D; i-- > 0; stride *= sizes[i]) {
    // PyTorch's first sample is for the width where there are two dimensions, for the depth where there are three.
    auto start = begins(u.select(1, int64_t(D == 2 ? 1 - i : i), loc), sizes[i], o.kernel_size()[i], counts[i], loc);
    auto within = arange(0, o.kernel_size()[i], 1, x.options().dtype(kLong), loc);
    auto own = start.unsqueeze(2, loc).add({within, loc}).mul({stride, loc});
    Shape along(2 * D + 1, 1);
    along[0] = planes, along[1 + i] = counts[i], along[1 + D + i] = o.kernel_size()[i];
    own = own.view(along, loc);
    place = place.defined() ? place.add({own, loc}) : own;
  }
  int64_t windows = 1;
  for (auto n : counts)
    windows *= n, shape.push_back(n);
  place = place.reshape({planes, windows, -1}, loc);
  auto seen = x.reshape({planes, from}, loc).gather(1, place.view({planes, -1}, loc), loc).view(place.sizes(), loc);
  auto [values, at] = seen.max(2, true, loc);
  return {values.reshape(shape, loc), place.gather(2, at, loc).reshape(shape, loc)};
}

} // namespace

#define TENON_POOLS(D)                                                                                                                       \
  Tensor fractional_max_pool##D##d(const Tensor &x, const FractionalMaxPool##D##dFuncOptions &o, Location loc) { return pool<D>("fractional_max_pool" #D "d", x, o, loc).values; }  \
  std::tuple<Tensor, Tensor> fractional_max_pool##D##d_with_indices(const Tensor &x, const FractionalMaxPool##D##dFuncOptions &o, Location loc) {  \
    auto [values, indices] = pool<D>("fractional_max_pool" #D "d", x, o, loc);                                                              \
    return {values, indices};                                                                                                              \
  }
TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

} // namespace tenon::nn::functional
