// How the ops of the family `composed` are called.
#include "../family.h"

#include <limits>

using namespace tenon;

namespace {

double power(const Json &o) { return o["p"].is_string() ? std::numeric_limits<double>::infinity() : o["p"].get<double>(); }
int64_t number(const Json &o, const char *name, int64_t otherwise = 0) { return o.value(name, otherwise); }
std::vector<int64_t> list(const Json &o, const char *name) { return o.contains(name) ? o[name].get<std::vector<int64_t>>() : std::vector<int64_t>(); }

Tensor in_place(const Tensor &x, const std::string &name) {
  auto y = x * 1;
#define X(op)                                                                                                                              \
  if (name == #op)                                                                                                                         \
    return y.op##_();
  TENON_UNARY_NUMBERS(X)
#undef X
  throw Error("no unary function " + name);
}
Tensor in_place(const Tensor &x, const Tensor &other, const std::string &name) {
  auto y = x * 1;
#define X(op)                                                                                                                              \
  if (name == #op)                                                                                                                         \
    return y.op##_(other);
  TENON_BINARY_NUMBERS(X)
#undef X
  throw Error("no binary function " + name);
}
Tensor quantile_of(const Tensor &x, const Json &o) {
  auto dim = o.contains("dim") ? std::optional<int64_t>(o["dim"].get<int64_t>()) : std::nullopt;
  bool keepdim = o.value("keepdim", false);
  if (!o["q"].is_array())
    return x.quantile(o["q"].get<double>(), dim, keepdim);
  return x.quantile(tensor(o["q"].get<std::vector<double>>(), x.options()), dim, keepdim);
}

const parity::Family family("composed", {
    {"norm", [](auto &in, auto &o) { return o.contains("dim") ? in[0].norm(power(o), list(o, "dim"), o.value("keepdim", false)) : in[0].norm(power(o)); }},
    {"dist", [](auto &in, auto &o) { return dist(in[0], in[1], power(o)); }},
    {"cdist", [](auto &in, auto &o) { return cdist(in[0], in[1], power(o)); }},
    {"pairwise_distance", [](auto &in, auto &o) { return tenon::pairwise_distance(in[0], in[1], power(o)); }},
    {"diff", [](auto &in, auto &o) { return diff(in[0], number(o, "n", 1), number(o, "dim", -1)); }},
    {"rot90", [](auto &in, auto &o) { return rot90(in[0], number(o, "k"), list(o, "dims")); }},
    {"tensor_split", [](auto &in, auto &o) { return tensor_split(in[0], number(o, "sections"), number(o, "dim")); }},
    {"unfold", [](auto &in, auto &o) { return in[0].unfold(number(o, "dim"), number(o, "size"), number(o, "step")); }},
    {"sinc", [](auto &in, auto &) { return sinc(in[0]); }},
    {"copysign", [](auto &in, auto &) { return copysign(in[0], in[1]); }},
    {"isclose", [](auto &in, auto &) { return isclose(in[0], in[1]); }},
    {"nansum", [](auto &in, auto &o) { return nansum(in[0], list(o, "dim"), o.value("keepdim", false)); }},
    {"nanmean", [](auto &in, auto &o) { return nanmean(in[0], list(o, "dim"), o.value("keepdim", false)); }},
    {"quantile", [](auto &in, auto &o) { return quantile_of(in[0], o); }},
    {"broadcast_tensors", [](auto &in, auto &) { return broadcast_tensors(in); }},
    {"cartesian_prod", [](auto &in, auto &) { return cartesian_prod(in); }},
    {"column_stack", [](auto &in, auto &) { return column_stack(in); }},
    {"cov", [](auto &in, auto &o) { return cov(in[0], number(o, "correction")); }},
    {"mod", [](auto &in, auto &) { return in[0] % in[1]; }},
    {"xor", [](auto &in, auto &) { return in[0] ^ in[1]; }},
    {"fill_diagonal", [](auto &in, auto &) { return (in[0] * 1).fill_diagonal_(2.5); }},
    {"index_put", [](auto &in, auto &o) { return index_put(in[0], {tensor(list(o, "i"))}, in[1], o["accumulate"].template get<bool>()); }},
    {"softmax", [](auto &in, auto &o) { return softmax(in[0].to(kFloat), number(o, "dim"), kDouble); }},
    {"hann_window", [](auto &in, auto &o) { return in[0].slice(0, 0, 0).sum() + hann_window(number(o, "n"), o["periodic"].template get<bool>(), in[0].options()); }},
    {"elu", [](auto &in, auto &o) { return tenon::elu(in[0], o["alpha"].template get<double>()); }},
    {"celu", [](auto &in, auto &o) { return tenon::celu(in[0], o["alpha"].template get<double>()); }},
    {"hardtanh", [](auto &in, auto &o) { return tenon::hardtanh(in[0], o["min_val"].template get<double>(), o["max_val"].template get<double>()); }},
    {"softplus", [](auto &in, auto &o) { return tenon::softplus(in[0], o["beta"].template get<double>(), o["threshold"].template get<double>()); }},
    {"glu", [](auto &in, auto &o) { return tenon::glu(in[0], number(o, "dim")); }},
    {"threshold", [](auto &in, auto &o) { return tenon::threshold(in[0], o["threshold"].template get<double>(), o["value"].template get<double>()); }},
    {"selu", [](auto &in, auto &) { return tenon::selu(in[0]); }},
    {"mish", [](auto &in, auto &) { return tenon::mish(in[0]); }},
    {"log_sigmoid", [](auto &in, auto &) { return log_sigmoid(in[0]); }},
    {"hardswish", [](auto &in, auto &) { return tenon::hardswish(in[0]); }},
    {"hardsigmoid", [](auto &in, auto &) { return tenon::hardsigmoid(in[0]); }},
    {"relu6", [](auto &in, auto &) { return tenon::relu6(in[0]); }},
    {"hardshrink", [](auto &in, auto &o) { return tenon::hardshrink(in[0], o["lambd"].template get<double>()); }},
    {"softshrink", [](auto &in, auto &o) { return tenon::softshrink(in[0], o["lambd"].template get<double>()); }},
    {"prelu", [](auto &in, auto &) { return tenon::prelu(in[0], in[1]); }},
    {"smooth_l1_loss", [](auto &in, auto &o) { return tenon::smooth_l1_loss(in[0], in[1], kMean, o["beta"].template get<double>()); }},
    {"huber_loss", [](auto &in, auto &o) { return tenon::huber_loss(in[0], in[1], kMean, o["delta"].template get<double>()); }},
    {"kl_div", [](auto &in, auto &o) { return tenon::kl_div(in[0], in[1], nn::KLDivReduction::Mean, o["log_target"].template get<bool>()); }},
    {"triplet_margin_loss", [](auto &in, auto &o) { return tenon::triplet_margin_loss(in[0], in[1], in[2], o["margin"].template get<double>()); }},
    {"cosine_similarity", [](auto &in, auto &o) { return tenon::cosine_similarity(in[0], in[1], number(o, "dim")); }},
    {"bilinear", [](auto &in, auto &) { return tenon::bilinear(in[0], in[1], in[2], in[3]); }},
    {"in_place", [](auto &in, auto &o) { return in_place(in[0], o["name"].template get<std::string>()); }},
    {"in_place2", [](auto &in, auto &o) { return in_place(in[0], in[1], o["name"].template get<std::string>()); }},
});

} // namespace
