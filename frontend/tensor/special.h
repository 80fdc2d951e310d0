// torch::special: its names for functions that tensors have, and those of probabilities. Bessel functions, polynomials, erfcx, ndtri, polygamma and zeta are not there.
#pragma once
#include "composed.h"

namespace tenon::special {

#define X(name, method) inline Tensor name(const Tensor &x, Location loc = Location::current()) { return x.method(loc); }
X(gammaln, lgamma) X(digamma, digamma) X(psi, digamma) X(erf, erf) X(erfc, erfc) X(erfinv, erfinv) X(exp2, exp2) X(expm1, expm1) X(log1p, log1p) X(expit, sigmoid)
X(sinc, sinc) X(round, round)
#undef X
inline Tensor logit(const Tensor &x, std::optional<double> eps = std::nullopt, Location loc = Location::current()) { return x.logit(eps, loc); }
inline Tensor multigammaln(const Tensor &x, int64_t p, Location loc = Location::current()) { return x.mvlgamma(p, loc); }
inline Tensor logsumexp(const Tensor &x, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) { return x.logsumexp(dims, keepdim, loc); }
inline Tensor softmax(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.softmax(dim, loc); }
inline Tensor log_softmax(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.log_softmax(dim, loc); }
/// a log(b), a log1p(b); 0 where a is 0 and b is not NaN.
inline Tensor xlogy(const Tensor &a, Operand b) { return a.xlogy(b); }
Tensor xlog1py(const Tensor &a, Operand b);
/// -x log(x); at 0 it and its derivative are 0, below it is -infinity.
Tensor entr(const Tensor &x, Location loc = Location::current());
/// The normal distribution's mass below x, and its logarithm.
Tensor ndtr(const Tensor &x, Location loc = Location::current());
Tensor log_ndtr(const Tensor &x, Location loc = Location::current());

} // namespace tenon::special
