// How the ops of the family `pooling` are called.
#include "../family.h"

using namespace tenon;

namespace {

template <size_t D> ExpandingArray<D> sizes(const Json &o, const char *name) { return o[name].get<std::vector<int64_t>>(); }
template <size_t D, class Options> Options windows(const Json &o, Options options) {
  if (o.contains("stride"))
    options.stride(sizes<D>(o, "stride"));
  if constexpr (requires { options.padding(0); })
    if (o.contains("padding"))
      options.padding(sizes<D>(o, "padding"));
  if constexpr (requires { options.dilation(1); })
    if (o.contains("dilation"))
      options.dilation(sizes<D>(o, "dilation"));
  if constexpr (requires { options.count_include_pad(true); })
    options.count_include_pad(o.value("count_include_pad", true));
  if constexpr (requires { options.divisor_override(1); })
    if (o.contains("divisor_override"))
      options.divisor_override(o["divisor_override"].get<int64_t>());
  return options.ceil_mode(o.value("ceil_mode", false));
}
template <size_t D> nn::MaxPoolOptions<D> max_options(const Json &o) { return windows<D>(o, nn::MaxPoolOptions<D>(sizes<D>(o, "kernel_size"))); }
template <size_t D> nn::AvgPoolOptions<D> avg_options(const Json &o) { return windows<D>(o, nn::AvgPoolOptions<D>(sizes<D>(o, "kernel_size"))); }
template <size_t D> nn::LPPoolOptions<D> lp_options(const Json &o) { return windows<D>(o, nn::LPPoolOptions<D>(o["norm_type"], sizes<D>(o, "kernel_size"))); }
template <size_t D> nn::AdaptivePoolOptions<D> adaptive(const Json &o) {
  ExpandingArrayWithOptionalElem<D> size{std::optional<int64_t>()};
  for (size_t i = 0; i < D; ++i)
    size[i] = o["output_size"][i].get<int64_t>();
  return size;
}

#define POOLS(D)                                                                                                                           \
  {"max_pool" #D "d", [](auto &in, auto &o) { return F::max_pool##D##d(in[0], max_options<D>(o)); }},                                      \
      {"max_pool" #D "d_with_indices", [](auto &in, auto &o) { return F::max_pool##D##d_with_indices(in[0], max_options<D>(o)); }},        \
      {"avg_pool" #D "d", [](auto &in, auto &o) { return F::avg_pool##D##d(in[0], avg_options<D>(o)); }},                                  \
      {"lp_pool" #D "d", [](auto &in, auto &o) { return F::lp_pool##D##d(in[0], lp_options<D>(o)); }},                                     \
      {"adaptive_avg_pool" #D "d", [](auto &in, auto &o) { return F::adaptive_avg_pool##D##d(in[0], adaptive<D>(o)); }},                   \
      {"adaptive_max_pool" #D "d", [](auto &in, auto &o) { return F::adaptive_max_pool##D##d_with_indices(in[0], adaptive<D>(o)); }}

const parity::Family family("pooling", {POOLS(1), POOLS(2), POOLS(3)});

} // namespace
