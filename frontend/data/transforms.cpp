// The transforms' work on host memory.
#include <tenon/data/host.h>
#include <tenon/data/transforms.h>

#include <cstring>

namespace tenon::data::transforms::detail {
namespace {

template <typename T>
Tensor normalize_as(const Tensor &x, int64_t channels, int64_t inner, const std::vector<double> &mean, const std::vector<double> &stddev) {
  Tensor result = host_tensor({x.sizes().begin(), x.sizes().end()}, x.scalar_type());
  const T *from = x.data_ptr<T>();
  T *to = result.data_ptr<T>();
  for (int64_t row = 0, rows = inner ? x.numel() / inner : 0; row < rows; ++row) {
    size_t c = static_cast<size_t>(row % channels);
    T m = static_cast<T>(mean[mean.size() == 1 ? 0 : c]), s = static_cast<T>(stddev[stddev.size() == 1 ? 0 : c]);
    for (int64_t i = 0; i < inner; ++i)
      *to++ = (*from++ - m) / s;
  }
  return result;
}

} // namespace

Tensor normalize(const Tensor &x, const std::vector<double> &mean, const std::vector<double> &stddev) {
  if (x.dim() < 3)
    throw Error("Normalize: expected data [..., C, H, W], came rank " + std::to_string(x.dim()));
  int64_t channels = x.size(-3), inner = x.size(-1) * x.size(-2);
  for (size_t count : {mean.size(), stddev.size()})
    if (count != 1 && count != static_cast<size_t>(channels))
      throw Error("Normalize: the data has " + std::to_string(channels) + " channels, came " + std::to_string(mean.size()) + " means and " +
                  std::to_string(stddev.size()) + " standard deviations");
  if (x.scalar_type() == kFloat32)
    return normalize_as<float>(x, channels, inner, mean, stddev);
  if (x.scalar_type() == kFloat64)
    return normalize_as<double>(x, channels, inner, mean, stddev);
  throw Error("Normalize: expected data of f32 or f64");
}

Tensor stack(const std::vector<Tensor> &tensors) {
  if (tensors.empty())
    throw Error("Stack: the batch is empty");
  std::vector<int64_t> sizes{static_cast<int64_t>(tensors.size())};
  sizes.insert(sizes.end(), tensors[0].sizes().begin(), tensors[0].sizes().end());
  Tensor result = host_tensor(sizes, tensors[0].scalar_type());
  size_t bytes = tensors[0].nbytes();
  char *to = static_cast<char *>(result.data_ptr());
  for (size_t i = 0; i < tensors.size(); ++i, to += bytes) {
    if (tensors[i].sizes() != tensors[0].sizes() || tensors[i].scalar_type() != tensors[0].scalar_type())
      throw Error("Stack: example " + std::to_string(i) + " of the batch has another shape or dtype than the first");
    Tensor source = tensors[i].contiguous();
    std::memcpy(to, source.data_ptr(), bytes);
  }
  return result;
}

} // namespace tenon::data::transforms::detail
