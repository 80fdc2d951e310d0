// How the ops of the family `shape` are called.
#include "../family.h"

using namespace tenon;

namespace {

std::vector<int64_t> list(const Json &o, const char *name) { return o.contains(name) ? o[name].get<std::vector<int64_t>>() : std::vector<int64_t>(); }
int64_t number(const Json &o, const char *name, int64_t otherwise = 0) { return o.value(name, otherwise); }

PaddingMode padding_mode(const Json &o) {
  std::string mode = o.value("mode", "constant");
  return mode == "reflect" ? kReflect : mode == "replicate" ? kReplicate : mode == "circular" ? kCircular : kConstant;
}
F::InterpolateFuncOptions interpolation(const Json &o) {
  F::InterpolateFuncOptions options;
  std::string mode = o["mode"];
  options.mode(mode == "nearest"         ? kNearest
               : mode == "nearest-exact" ? kNearestExact
               : mode == "linear"        ? kLinearMode
               : mode == "bilinear"      ? kBilinear
               : mode == "bicubic"       ? kBicubic
               : mode == "trilinear"     ? kTrilinear
                                         : kArea);
  if (o.contains("size"))
    options.size(list(o, "size"));
  if (o.contains("scale_factor"))
    options.scale_factor(o["scale_factor"].get<std::vector<double>>());
  if (o.contains("align_corners"))
    options.align_corners(o["align_corners"].get<bool>());
  if (o.contains("recompute_scale_factor"))
    options.recompute_scale_factor(o["recompute_scale_factor"].get<bool>());
  return options;
}
template <class Options> Options patches(const Json &o, Options options) {
  if (o.contains("stride"))
    options.stride(list(o, "stride"));
  if (o.contains("padding"))
    options.padding(list(o, "padding"));
  if (o.contains("dilation"))
    options.dilation(list(o, "dilation"));
  return options;
}
Scalar factor(const Json &o, const char *name) { return o.value(name, 1.0); }

const parity::Family family("shape", {
    {"roll", [](auto &in, auto &o) { return in[0].roll(list(o, "shifts"), list(o, "dims")); }},
    {"repeat", [](auto &in, auto &o) { return in[0].repeat(list(o, "sizes")); }},
    {"tile", [](auto &in, auto &o) { return in[0].tile(list(o, "dims")); }},
    {"repeat_interleave", [](auto &in, auto &o) { return o.contains("dim") ? in[0].repeat_interleave(number(o, "repeats"), number(o, "dim")) : in[0].repeat_interleave(number(o, "repeats")); }},
    {"movedim", [](auto &in, auto &o) { return in[0].movedim(list(o, "source"), list(o, "destination")); }},
    {"unflatten", [](auto &in, auto &o) { return in[0].unflatten(number(o, "dim"), list(o, "sizes")); }},
    {"squeeze", [](auto &in, auto &o) { return in[0].squeeze(IntArrayRef(list(o, "dim"))); }},
    {"split", [](auto &in, auto &o) { return in[0].split(IntArrayRef(list(o, "sizes")), number(o, "dim")); }},
    {"diagonal", [](auto &in, auto &o) { return in[0].diagonal(number(o, "offset"), number(o, "dim1"), number(o, "dim2", 1)); }},
    {"diag", [](auto &in, auto &o) { return in[0].diag(number(o, "diagonal")); }},
    {"diag_embed", [](auto &in, auto &o) { return in[0].diag_embed(number(o, "offset"), number(o, "dim1", -2), number(o, "dim2", -1)); }},
    {"tril", [](auto &in, auto &o) { return in[0].tril(number(o, "diagonal")); }},
    {"triu", [](auto &in, auto &o) { return in[0].triu(number(o, "diagonal")); }},
    {"trace", [](auto &in, auto &) { return in[0].trace(); }},
    {"meshgrid", [](auto &in, auto &o) { return meshgrid(in, o["indexing"].template get<std::string>()); }},
    {"hstack", [](auto &in, auto &) { return hstack(in); }},
    {"vstack", [](auto &in, auto &) { return vstack(in); }},
    {"dstack", [](auto &in, auto &) { return dstack(in); }},
    {"einsum", [](auto &in, auto &o) { return einsum(o["equation"].template get<std::string>(), in); }},
    {"tensordot", [](auto &in, auto &o) { return tensordot(in[0], in[1], IntArrayRef(o["dims"][0].template get<std::vector<int64_t>>()), IntArrayRef(o["dims"][1].template get<std::vector<int64_t>>())); }},
    {"cross", [](auto &in, auto &o) { return in[0].cross(in[1], number(o, "dim")); }},
    {"kron", [](auto &in, auto &) { return in[0].kron(in[1]); }},
    {"addmv", [](auto &in, auto &o) { return in[0].addmv(in[1], in[2], factor(o, "beta"), factor(o, "alpha")); }},
    {"addr", [](auto &in, auto &o) { return in[0].addr(in[1], in[2], factor(o, "beta"), factor(o, "alpha")); }},
    {"baddbmm", [](auto &in, auto &o) { return in[0].baddbmm(in[1], in[2], factor(o, "beta"), factor(o, "alpha")); }},
    {"pad", [](auto &in, auto &o) { return F::pad(in[0], F::PadFuncOptions(list(o, "pad")).mode(padding_mode(o)).value(o.value("value", 0.0))); }},
    {"pixel_shuffle", [](auto &in, auto &o) { return F::pixel_shuffle(in[0], F::PixelShuffleFuncOptions(number(o, "upscale_factor"))); }},
    {"pixel_unshuffle", [](auto &in, auto &o) { return F::pixel_unshuffle(in[0], F::PixelUnshuffleFuncOptions(number(o, "downscale_factor"))); }},
    {"channel_shuffle", [](auto &in, auto &o) { return channel_shuffle(in[0], number(o, "groups")); }},
    {"unfold", [](auto &in, auto &o) { return F::unfold(in[0], patches(o, F::UnfoldFuncOptions(list(o, "kernel_size")))); }},
    {"fold", [](auto &in, auto &o) { return F::fold(in[0], patches(o, F::FoldFuncOptions(list(o, "output_size"), list(o, "kernel_size")))); }},
    {"interpolate", [](auto &in, auto &o) { return F::interpolate(in[0], interpolation(o)); }},
    {"affine_grid", [](auto &in, auto &o) { return F::affine_grid(in[0], list(o, "size"), o.value("align_corners", false)); }},
});

} // namespace
