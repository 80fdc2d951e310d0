// How the ops of the family `vision` are called.
#include "../family.h"

using namespace tenon;

namespace {

std::vector<int64_t> list(const Json &o, const char *name) { return o[name].get<std::vector<int64_t>>(); }

F::GridSampleFuncOptions sampling(const Json &o) {
  F::GridSampleFuncOptions options;
  std::string mode = o.value("mode", "bilinear"), padding = o.value("padding_mode", "zeros");
  options.mode(mode == "bilinear" ? kBilinear : mode == "nearest" ? kNearest : kBicubic).align_corners(o.value("align_corners", false));
  if (padding == "zeros")
    return options.padding_mode(kZeros);
  return options.padding_mode(padding == "border" ? kBorder : kReflection);
}

template <class Options> Options unpooling(const Json &o) {
  Options options(list(o, "kernel_size"));
  if (o.contains("stride"))
    options.stride(list(o, "stride"));
  if (o.contains("padding"))
    options.padding(list(o, "padding"));
  if constexpr (requires { options.output_size(); })
    if (o.contains("output_size"))
      options.output_size(list(o, "output_size"));
  return options;
}

#define UNPOOL(D)                                                                                                                          \
  {"max_unpool" #D "d", [](auto &in, auto &o) {                                                                                            \
     auto [values, places] = F::max_pool##D##d_with_indices(in[1], unpooling<F::MaxPool##D##dFuncOptions>(o));                             \
     return F::max_unpool##D##d(in[0], places, unpooling<F::MaxUnpool##D##dFuncOptions>(o));                                               \
   }}

const parity::Family family("vision", {
    {"grid_sample", [](auto &in, auto &o) { return F::grid_sample(in[0], in[1], sampling(o)); }},
    {"affine_grid", [](auto &in, auto &o) { return F::affine_grid(in[0], list(o, "size"), o.value("align_corners", false)); }},
    {"affine_sample", [](auto &in, auto &o) { return F::grid_sample(in[0], F::affine_grid(in[1], list(o, "size"), o.value("align_corners", false)), sampling(o)); }},
    UNPOOL(1), UNPOOL(2), UNPOOL(3),
});

} // namespace
