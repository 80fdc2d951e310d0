// How the ops of the family `maths` are called.
#include "../family.h"

#include <limits>

using namespace tenon;
using parity::Op;

namespace {

Op unary(Tensor (Tensor::*op)(Location) const) {
  return [op](const TensorList &in, const Json &) { return (in[0].*op)(Location::current()); };
}
Op binary(Tensor (Tensor::*op)(Operand) const) {
  return [op](const TensorList &in, const Json &) { return (in[0].*op)(in[1]); };
}
std::optional<double> number(const Json &o, const char *name) { return o.contains(name) ? std::optional<double>(o[name].get<double>()) : std::nullopt; }
double power(const Json &o) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return o["p"].is_string() ? (o["p"] == "inf" ? infinity : -infinity) : o["p"].get<double>();
}
std::vector<int64_t> dims(const Json &o) { return o["dim"].get<std::vector<int64_t>>(); }

#define UNARY(name) {#name, unary(&Tensor::name)}
#define BINARY(name) {#name, binary(&Tensor::name)}
const parity::Family family("maths", {
    UNARY(tan), UNARY(sinh), UNARY(cosh), UNARY(asinh), UNARY(atan), UNARY(exp2), UNARY(erfc), UNARY(round), UNARY(trunc), UNARY(frac), UNARY(square), UNARY(asin), UNARY(acos),
    UNARY(atanh), UNARY(erfinv), UNARY(log2), UNARY(log10), UNARY(lgamma), UNARY(digamma), UNARY(reciprocal), UNARY(acosh), UNARY(isinf), UNARY(bitwise_not),
    BINARY(atan2), BINARY(hypot), BINARY(logaddexp), BINARY(fmax), BINARY(fmin), BINARY(fmod), BINARY(remainder), BINARY(maximum), BINARY(minimum), BINARY(bitwise_and),
    BINARY(bitwise_or), BINARY(bitwise_xor), BINARY(xlogy), BINARY(floor_divide), BINARY(logical_xor),
    {"nan_to_num", [](auto &in, auto &o) { return in[0].nan_to_num(number(o, "nan"), number(o, "posinf"), number(o, "neginf")); }},
    {"logit", [](auto &in, auto &o) { return in[0].logit(number(o, "eps")); }},
    {"clamp", [](auto &in, auto &) { return in[0].clamp(in[1], in[2]); }},
    {"prod", [](auto &in, auto &o) { return o.contains("dim") ? in[0].prod(o["dim"].template get<int64_t>(), o.value("keepdim", false)) : in[0].prod(); }},
    {"norm", [](auto &in, auto &o) { return in[0].norm(power(o), dims(o), o.value("keepdim", false)); }},
    {"var", [](auto &in, auto &o) { return in[0].var(dims(o), std::optional<Scalar>(o["correction"].template get<int64_t>()), o.value("keepdim", false)); }},
    {"std", [](auto &in, auto &o) { return in[0].std(dims(o), std::optional<Scalar>(o["correction"].template get<int64_t>()), o.value("keepdim", false)); }},
    {"all", [](auto &in, auto &o) { return in[0].all(o["dim"].template get<int64_t>()); }},
    {"any", [](auto &in, auto &o) { return in[0].any(o["dim"].template get<int64_t>()); }},
    {"aminmax", [](auto &in, auto &o) { return in[0].aminmax(o["dim"].template get<int64_t>()); }},
    {"count_nonzero", [](auto &in, auto &o) { return in[0].count_nonzero(dims(o)); }},
});

} // namespace
