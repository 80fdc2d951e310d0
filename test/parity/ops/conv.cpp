// How the ops of the family `conv` are called.
#include "../family.h"

using namespace tenon;

namespace {

std::vector<int64_t> numbers(const Json &o, const char *name, std::vector<int64_t> otherwise) {
  return o.contains(name) ? o[name].get<std::vector<int64_t>>() : otherwise;
}
Tensor bias(const TensorList &in) { return in.size() > 2 ? in[2] : Tensor(); }

template <std::size_t D, class F> auto conv(F f) {
  return [f](const TensorList &in, const Json &o) {
    ConvPadding<D> padding = 0;
    if (o.contains("padding"))
      padding = o["padding"].is_string() ? ConvPadding<D>(o["padding"].get<std::string>()) : ConvPadding<D>(o["padding"].get<std::vector<int64_t>>());
    return f(in[0], in[1], bias(in), numbers(o, "stride", {1}), padding, numbers(o, "dilation", {1}), o.value("groups", int64_t(1)), Location::current());
  };
}
template <class F> auto transposed(F f) {
  return [f](const TensorList &in, const Json &o) {
    return f(in[0], in[1], bias(in), numbers(o, "stride", {1}), numbers(o, "padding", {0}), numbers(o, "output_padding", {0}), o.value("groups", int64_t(1)), numbers(o, "dilation", {1}),
             Location::current());
  };
}

using Vector = const std::vector<int64_t> &;
using Input = const Tensor &;
const parity::Family family("conv", {
    {"conv1d", conv<1>([](Input x, Input w, Input b, Vector s, auto p, Vector d, int64_t g, Location l) { return conv1d(x, w, b, s, p, d, g, l); })},
    {"conv2d", conv<2>([](Input x, Input w, Input b, Vector s, auto p, Vector d, int64_t g, Location l) { return conv2d(x, w, b, s, p, d, g, l); })},
    {"conv3d", conv<3>([](Input x, Input w, Input b, Vector s, auto p, Vector d, int64_t g, Location l) { return conv3d(x, w, b, s, p, d, g, l); })},
    {"conv_transpose1d", transposed([](Input x, Input w, Input b, Vector s, Vector p, Vector o, int64_t g, Vector d, Location l) { return conv_transpose1d(x, w, b, s, p, o, g, d, l); })},
    {"conv_transpose2d", transposed([](Input x, Input w, Input b, Vector s, Vector p, Vector o, int64_t g, Vector d, Location l) { return conv_transpose2d(x, w, b, s, p, o, g, d, l); })},
    {"conv_transpose3d", transposed([](Input x, Input w, Input b, Vector s, Vector p, Vector o, int64_t g, Vector d, Location l) { return conv_transpose3d(x, w, b, s, p, o, g, d, l); })},
});

} // namespace
