// Initialisers as random draws and fills.
#include <tenon/nn/init.h>

#include <cmath>

namespace tenon::nn::init {

Tensor uniform_(Tensor tensor, double low, double high, Location loc) {
  NoGradGuard guard;
  return tensor.uniform_(low, high, loc);
}

Tensor normal_(Tensor tensor, double mean, double std, Location loc) {
  NoGradGuard guard;
  return tensor.normal_(mean, std, loc);
}

Tensor constant_(Tensor tensor, Scalar value, Location loc) {
  NoGradGuard guard;
  return tensor.fill_({value, loc});
}

Tensor zeros_(Tensor tensor, Location loc) { return constant_(tensor, 0, loc); }
Tensor ones_(Tensor tensor, Location loc) { return constant_(tensor, 1, loc); }

Tensor eye_(Tensor matrix, Location loc) {
  if (matrix.dim() != 2)
    throw Error("eye_: expected a matrix, came rank " + std::to_string(matrix.dim()), loc);
  NoGradGuard guard;
  int64_t rows = matrix.size(0), columns = matrix.size(1);
  Tensor row = arange(rows, kLong, loc).unsqueeze(1, loc), column = arange(columns, kLong, loc).unsqueeze(0, loc);
  return matrix.copy_(row.eq({column, loc}).to(matrix.scalar_type(), loc), false, loc);
}

double calculate_gain(Nonlinearity nonlinearity, double param) {
  switch (nonlinearity) {
  case kTanh:
    return 5.0 / 3.0;
  case kReLU:
    return std::sqrt(2.0);
  case kLeakyReLU:
    return std::sqrt(2.0 / (1 + param * param));
  case kSELU:
    return 3.0 / 4.0;
  case kGELU:
    throw Error("calculate_gain: there is no gain for gelu");
  case kLinear:
  case kSigmoid:
    break;
  }
  return 1.0;
}

std::tuple<int64_t, int64_t> _calculate_fan_in_and_fan_out(const Tensor &tensor, Location loc) {
  if (tensor.dim() < 2)
    throw Error("init: fan in and fan out need at least 2 dimensions, came " + std::to_string(tensor.dim()), loc);
  int64_t field = 1;
  for (int64_t i = 2; i < tensor.dim(); ++i)
    field *= tensor.size(i);
  return {tensor.size(1) * field, tensor.size(0) * field};
}

namespace {
double xavier_std(const Tensor &tensor, double gain, Location loc) {
  auto [in, out] = _calculate_fan_in_and_fan_out(tensor, loc);
  return gain * std::sqrt(2.0 / static_cast<double>(in + out));
}

double kaiming_std(const Tensor &tensor, double a, FanMode mode, Nonlinearity nonlinearity, Location loc) {
  auto [in, out] = _calculate_fan_in_and_fan_out(tensor, loc);
  return calculate_gain(nonlinearity, a) / std::sqrt(static_cast<double>(mode == kFanIn ? in : out));
}

/// Uniform with this standard deviation.
Tensor uniform_of_std(const Tensor &tensor, double std, Location loc) { return uniform_(tensor, -std::sqrt(3.0) * std, std::sqrt(3.0) * std, loc); }
} // namespace

Tensor xavier_uniform_(Tensor tensor, double gain, Location loc) { return uniform_of_std(tensor, xavier_std(tensor, gain, loc), loc); }
Tensor xavier_normal_(Tensor tensor, double gain, Location loc) { return normal_(tensor, 0, xavier_std(tensor, gain, loc), loc); }

Tensor kaiming_uniform_(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity, Location loc) {
  return uniform_of_std(tensor, kaiming_std(tensor, a, mode, nonlinearity, loc), loc);
}
Tensor kaiming_normal_(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity, Location loc) {
  return normal_(tensor, 0, kaiming_std(tensor, a, mode, nonlinearity, loc), loc);
}

} // namespace tenon::nn::init
