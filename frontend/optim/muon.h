// Muon.
#pragma once
#include <tenon/optim/optimizer.h>

#include <string>
#include <tuple>

namespace tenon::optim {

struct MuonOptions : public OptimizerCloneableOptions<MuonOptions> {
  MuonOptions() : OptimizerCloneableOptions(1e-3, false) {}
  MuonOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, weight_decay) = 0.1;
  TENON_OPTION(double, momentum) = 0.95;
  TENON_OPTION(bool, nesterov) = true;
  using coefficients_t = std::tuple<double, double, double>;
  TENON_OPTION(coefficients_t, ns_coefficients) = std::make_tuple(3.4445, -4.7750, 2.0315);
  TENON_OPTION(double, eps) = 1e-7;
  TENON_OPTION(int64_t, ns_steps) = 5;
  /// "original": lr sqrt(max(1, rows / columns)); "match_rms_adamw": 0.2 lr sqrt(max(rows, columns)).
  TENON_OPTION(std::string, adjust_lr_fn) = "original";

public:
  void check(Location loc) const override;
};

/// For matrices: the momentum b = momentum b + (1 - momentum) g (with nesterov g + momentum (b - g)) made nearly orthogonal by ns_steps of
/// Newton and Schulz, x = a x + (b G + c G^2) x with G = x x^T; p = (1 - lr weight_decay) p - adjusted lr x. State: momentum_buffer.
/// The iteration runs in the parameter's dtype; PyTorch's in bfloat16. (Jordan et al. 2024.)
class Muon : public OptimizerOf<MuonOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
