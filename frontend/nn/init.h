// Initialisers: each overwrites a tensor in place, without recording a gradient, and returns it. Formulas are PyTorch's.
#pragma once
#include <tenon/functional/options.h>

#include <tuple>

namespace tenon::nn::init {

Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Location loc = Location::current());
Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Location loc = Location::current());
Tensor constant_(Tensor tensor, Scalar value, Location loc = Location::current());
Tensor zeros_(Tensor tensor, Location loc = Location::current());
Tensor ones_(Tensor tensor, Location loc = Location::current());
/// Ones on the diagonal of a matrix.
Tensor eye_(Tensor matrix, Location loc = Location::current());

/// The factor that keeps variance through a nonlinearity; `param` is leaky_relu's slope.
double calculate_gain(Nonlinearity nonlinearity, double param = 0.01);

/// Glorot and Bengio 2010: variance gain^2 * 2 / (fan_in + fan_out); the tensor has at least two dimensions.
Tensor xavier_uniform_(Tensor tensor, double gain = 1.0, Location loc = Location::current());
Tensor xavier_normal_(Tensor tensor, double gain = 1.0, Location loc = Location::current());
/// He et al. 2015: variance gain^2 / fan; `a` is the slope of the leaky_relu that follows.
Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanMode mode = kFanIn, Nonlinearity nonlinearity = kLeakyReLU,
                        Location loc = Location::current());
Tensor kaiming_normal_(Tensor tensor, double a = 0, FanMode mode = kFanIn, Nonlinearity nonlinearity = kLeakyReLU,
                       Location loc = Location::current());

/// Normal within [a, b], drawn by the inverse of its distribution. Throws Error when a > b.
Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Location loc = Location::current());
/// A (half-)orthogonal matrix times gain, of the tensor as [size(0), rest]. (Saxe et al. 2014.) Computed on the host.
Tensor orthogonal_(Tensor tensor, double gain = 1, Location loc = Location::current());
/// A matrix with that share of zeros in every column, rounded up, and normal numbers elsewhere. (Martens 2010.)
Tensor sparse_(Tensor matrix, double sparsity, double std = 0.01, Location loc = Location::current());
/// The identity of a convolution [out, in / groups, kernel...]: ones at the kernel's centre on the diagonal of each group.
Tensor dirac_(Tensor tensor, int64_t groups = 1, Location loc = Location::current());

/// (fan_in, fan_out) of a weight [out, in, ...]. Throws Error below two dimensions.
std::tuple<int64_t, int64_t> _calculate_fan_in_and_fan_out(const Tensor &tensor, Location loc = Location::current());

} // namespace tenon::nn::init
