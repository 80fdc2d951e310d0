// How the ops of the family `rare` are called.
#include "../family.h"

#include <limits>

using namespace tenon;
namespace F = nn::functional;

namespace {

using Numbers = std::vector<int64_t>;
double real(const Json &o, const char *name, double otherwise) {
  if (!o.contains(name))
    return otherwise;
  if (!o[name].is_string())
    return o[name].get<double>();
  auto infinity = std::numeric_limits<double>::infinity();
  return o[name] == "inf" ? infinity : -infinity;
}
int64_t dim(const Json &o, int64_t otherwise = -1) { return o.value("dim", otherwise); }
Numbers list(const Json &o, const char *name, Numbers otherwise = {}) { return o.value(name, otherwise); }
std::optional<int64_t> maybe(const Json &o, const char *name) { return o.contains(name) ? std::optional(o[name].get<int64_t>()) : std::nullopt; }
Tensor second(const TensorList &in) { return in.size() > 1 ? in[1] : Tensor(); }

Tensor unary(const std::string &name, const Tensor &x) {
#define X(alias, op)                                                                                                                       \
  if (name == #alias)                                                                                                                      \
    return tenon::alias(x);
  TENON_UNARY_ALIASES(X) X(positive, ) X(deg2rad, ) X(rad2deg, )
#undef X
  throw Error("no function " + name);
}
Tensor binary(const std::string &name, const Tensor &x, const Tensor &y) {
#define X(alias, op)                                                                                                                       \
  if (name == #alias)                                                                                                                      \
    return tenon::alias(x, y);
  TENON_BINARY_ALIASES(X)
#undef X
  throw Error("no function " + name);
}
Tensor in_place(const TensorList &in, const Json &o) {
  auto y = in[0] * 1;
  std::string name = o["name"];
#define X(op)                                                                                                                              \
  if (name == #op)                                                                                                                         \
    return y.op##_(in[1], in[2], o["beta"].get<double>(), o["alpha"].get<double>());
  TENON_ADDED_PRODUCTS(X)
#undef X
  if (name == "tril" || name == "triu")
    return name == "tril" ? y.tril_(o["diagonal"].get<int64_t>()) : y.triu_(o["diagonal"].get<int64_t>());
  if (name == "renorm")
    return y.renorm_(2, dim(o), 1.0);
  if (name == "nan_to_num")
    return y.nan_to_num_(o["nan"].get<double>(), o["posinf"].get<double>(), o["neginf"].get<double>());
  return name == "logit" ? y.logit_() : name == "cumsum" ? y.cumsum_(dim(o)) : y.cumprod_(dim(o));
}
TensorList split(const Json &n, const Tensor &x, TensorList (*equal)(const Tensor &, int64_t, Location), TensorList (*at)(const Tensor &, IntArrayRef, Location)) {
  return n.is_array() ? at(x, n.get<Numbers>(), Location::current()) : equal(x, n.get<int64_t>(), Location::current());
}
Tensor special(const std::string &name, const Tensor &x, const Json &o) {
#define X(f)                                                                                                                               \
  if (name == #f)                                                                                                                          \
    return special::f(x);
  X(ndtr) X(log_ndtr) X(entr) X(gammaln) X(digamma) X(psi) X(expit) X(erfinv) X(sinc) X(exp2) X(log1p)
#undef X
  return special::multigammaln(x, o.at("p").get<int64_t>());
}
Tensor window(const Json &o, Dtype dtype) {
  std::string name = o["name"];
  int64_t n = o["n"];
  bool periodic = o["periodic"];
  return name == "hamming_window"    ? hamming_window(n, periodic, o.value("alpha", 0.54), o.value("beta", 0.46), dtype)
         : name == "blackman_window" ? blackman_window(n, periodic, dtype)
         : name == "bartlett_window" ? bartlett_window(n, periodic, dtype)
                                     : kaiser_window(n, periodic, o.value("beta", 12.0), dtype);
}
F::LinearCrossEntropyFuncOptions scores(const TensorList &in, const Json &o) {
  F::LinearCrossEntropyFuncOptions options;
  size_t next = 3;
  if (o.value("bias", false))
    options.linear_bias(in[next++]);
  if (o.value("weight", false))
    options.weight(in[next++]);
  auto reduction = o.value("reduction", "mean");
  return options.reduction(reduction == "none" ? kNone : reduction == "sum" ? kSum : kMean).ignore_index(o.value("ignore_index", -100)).label_smoothing(o.value("label_smoothing", 0.0));
}
template <size_t D> nn::FractionalMaxPoolOptions<D> fractional(const TensorList &in, const Json &o) {
  nn::FractionalMaxPoolOptions<D> options(o["kernel"].get<Numbers>());
  options._random_samples(in[1]);
  if (o.contains("size"))
    options.output_size(ExpandingArray<D>(o["size"].get<Numbers>()));
  else
    options.output_ratio(ExpandingArray<D, double>(o["ratio"].get<std::vector<double>>()));
  return options;
}

const parity::Family family("rare", {
  {"cummax", [](auto &in, auto &o) { return in[0].cummax(dim(o)); }},
  {"cummin", [](auto &in, auto &o) { return cummin(in[0], dim(o)); }},
  {"mode", [](auto &in, auto &o) { return std::get<0>(in[0].mode(dim(o), o.value("keepdim", false))); }},
  {"nanmedian", [](auto &in, auto &o) {
    if (!o.contains("dim"))
      return TensorList{nanmedian(in[0])};
    auto [values, indices] = nanmedian(in[0], dim(o), o.value("keepdim", false));
    return TensorList{values, indices};
  }},
  {"renorm", [](auto &in, auto &o) { return renorm(in[0], real(o, "p", 2), dim(o), real(o, "maxnorm", 1)); }},
  {"mvlgamma", [](auto &in, auto &o) { return mvlgamma(in[0], o["p"].template get<int64_t>()); }},
  {"matrix_power", [](auto &in, auto &o) { return matrix_power(in[0], o["n"].template get<int64_t>()); }},
  {"inner", [](auto &in, auto &) { return inner(in[0], in[1]); }},
  {"addbmm", [](auto &in, auto &o) { return addbmm(in[0], in[1], in[2], real(o, "beta", 1), real(o, "alpha", 1)); }},
  {"float_power", [](auto &in, auto &) { return float_power(in[0], in[1]); }},
  {"logaddexp2", [](auto &in, auto &) { return logaddexp2(in[0], in[1]); }},
  {"ldexp", [](auto &in, auto &) { return tenon::ldexp(in[0], in[1]); }},
  {"arctan2", [](auto &in, auto &) { return in[0].arctan2(in[1]); }},
  {"heaviside", [](auto &in, auto &) { return heaviside(in[0], in[1]); }},
  {"signbit", [](auto &in, auto &) { return tenon::signbit(in[0]); }},
  {"isposinf", [](auto &in, auto &) { return isposinf(in[0]); }},
  {"isneginf", [](auto &in, auto &) { return isneginf(in[0]); }},
  {"clip", [](auto &in, auto &o) { return clip(in[0], Scalar(real(o, "min", 0)), Scalar(real(o, "max", 0))); }},
  {"alias", [](auto &in, auto &o) { return unary(o["name"], in[0]); }},
  {"alias2", [](auto &in, auto &o) { return binary(o["name"], in[0], in[1]); }},
  {"in_place", [](auto &in, auto &o) { return in_place(in, o); }},
  {"diagflat", [](auto &in, auto &o) { return diagflat(in[0], o["offset"].template get<int64_t>()); }},
  {"select_scatter", [](auto &in, auto &o) { return select_scatter(in[0], in[1], dim(o), o["index"].template get<int64_t>()); }},
  {"slice_scatter", [](auto &in, auto &o) { return slice_scatter(in[0], in[1], dim(o), maybe(o, "start"), maybe(o, "end"), o.value("step", 1)); }},
  {"diagonal_scatter", [](auto &in, auto &o) { return diagonal_scatter(in[0], in[1], o.value("offset", 0), o.value("dim1", 0), o.value("dim2", 1)); }},
  {"sum_to_size", [](auto &in, auto &o) { return in[0].sum_to_size(list(o, "size")); }},
  {"masked_scatter", [](auto &in, auto &) { return masked_scatter(in[0], in[1], in[2]); }},
  {"put", [](auto &in, auto &o) { return put(in[0], in[1], in[2], o.value("accumulate", false)); }},
  {"msort", [](auto &in, auto &) { return msort(in[0]); }},
  {"tensor_split", [](auto &in, auto &o) { return tensor_split(in[0], IntArrayRef(list(o, "indices")), dim(o)); }},
  {"hsplit", [](auto &in, auto &o) { return split(o["n"], in[0], hsplit, hsplit); }},
  {"vsplit", [](auto &in, auto &o) { return split(o["n"], in[0], vsplit, vsplit); }},
  {"dsplit", [](auto &in, auto &o) { return split(o["n"], in[0], dsplit, dsplit); }},
  {"block_diag", [](auto &in, auto &) { return block_diag(in); }},
  {"combinations", [](auto &in, auto &o) { return combinations(in[0], o["r"].template get<int64_t>(), o.value("with_replacement", false)); }},
  {"vander", [](auto &in, auto &o) { return vander(in[0], maybe(o, "N"), o.value("increasing", false)); }},
  {"linalg_vander", [](auto &in, auto &o) { return linalg::vander(in[0], maybe(o, "count")); }},
  {"isin", [](auto &in, auto &o) { return isin(in[0], in[1], false, o.value("invert", false)); }},
  {"unravel_index", [](auto &in, auto &o) { return unravel_index(in[0], list(o, "shape")); }},
  {"unique_consecutive", [](auto &in, auto &) { return unique_consecutive(in[0], true, true); }},
  {"rsub", [](auto &in, auto &o) { return rsub(in[0], in[1], real(o, "alpha", 1)); }},
  {"atleast_3d", [](auto &in, auto &) { return atleast_3d(in[0]); }},
  {"fill", [](auto &in, auto &) { return tenon::fill(in[0], in[1]); }},
  {"channel_shuffle", [](auto &in, auto &o) { return nn::ChannelShuffle(o["groups"].template get<int64_t>())(in[0]); }},
  {"pdist", [](auto &in, auto &o) { return F::pdist(in[0], real(o, "p", 2)); }},
  {"corrcoef", [](auto &in, auto &) { return corrcoef(in[0]); }},
  {"trapezoid", [](auto &in, auto &o) { return in.size() > 1 ? trapezoid(in[0], in[1], dim(o)) : trapz(in[0], real(o, "dx", 1), dim(o)); }},
  {"cumulative_trapezoid", [](auto &in, auto &o) { return in.size() > 1 ? cumulative_trapezoid(in[0], in[1], dim(o)) : cumulative_trapezoid(in[0], real(o, "dx", 1), dim(o)); }},
  {"gradient", [](auto &in, auto &o) { return gradient(in[0], real(o, "spacing", 1), list(o, "dim")); }},
  {"vector_norm", [](auto &in, auto &o) { return linalg::vector_norm(in[0], real(o, "ord", 2), list(o, "dim"), o.value("keepdim", false)); }},
  {"matrix_norm", [](auto &in, auto &o) {
    auto dims = list(o, "dim", {-2, -1});
    bool keepdim = o.value("keepdim", false);
    return o["ord"] == "fro" ? linalg::matrix_norm(in[0], "fro", dims, keepdim) : linalg::matrix_norm(in[0], real(o, "ord", 1), dims, keepdim);
  }},
  {"linalg_norm", [](auto &in, auto &o) { return linalg::norm(in[0], o.contains("ord") ? std::optional<Scalar>(real(o, "ord", 2)) : std::nullopt, list(o, "dim")); }},
  {"multi_dot", [](auto &in, auto &) { return linalg::multi_dot(in); }},
  {"chain_matmul", [](auto &in, auto &) { return chain_matmul(in); }},
  {"vecdot", [](auto &in, auto &o) { return linalg::vecdot(in[0], in[1], dim(o)); }},
  {"special", [](auto &in, auto &o) { return special(o["name"], in[0], o); }},
  {"special2", [](auto &in, auto &o) { return o["name"] == "xlogy" ? special::xlogy(in[0], in[1]) : special::xlog1py(in[0], in[1]); }},
  {"window", [](auto &in, auto &o) { return in[0].slice(0, 0, 0).sum() + window(o, in[0].scalar_type()); }},
  {"conv_tbc", [](auto &in, auto &o) { return conv_tbc(in[0], in[1], in[2], o["pad"].template get<int64_t>()); }},
  {"linear_cross_entropy", [](auto &in, auto &o) { return F::linear_cross_entropy(in[0], in[1], in[2], scores(in, o)); }},
  {"fractional2", [](auto &in, auto &o) {
    if (!o.value("indices", false))
      return TensorList{nn::FractionalMaxPool2d(fractional<2>(in, o))(in[0])};
    auto [values, indices] = F::fractional_max_pool2d_with_indices(in[0], fractional<2>(in, o));
    return TensorList{values, indices};
  }},
  {"fractional3", [](auto &in, auto &o) {
    if (!o.value("indices", false))
      return TensorList{F::fractional_max_pool3d(in[0], fractional<3>(in, o))};
    auto [values, indices] = F::fractional_max_pool3d_with_indices(in[0], fractional<3>(in, o));
    return TensorList{values, indices};
  }},
  {"cross_map_lrn2d", [](auto &in, auto &o) {
    return nn::CrossMapLRN2d(nn::CrossMapLRN2dOptions(o["size"].template get<int64_t>()).alpha(o["alpha"].template get<double>()).beta(o["beta"].template get<double>()).k(o["k"].template get<int64_t>()))(in[0]);
  }},
});

} // namespace
