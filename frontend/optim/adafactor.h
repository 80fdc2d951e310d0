// Adafactor.
#pragma once
#include <tenon/optim/optimizer.h>

#include <optional>
#include <tuple>

namespace tenon::optim {

struct AdafactorOptions : public OptimizerCloneableOptions<AdafactorOptions> {
  AdafactorOptions() : OptimizerCloneableOptions(1e-2, false) {}
  AdafactorOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, beta2_decay) = -0.8;
  /// The least mean of the rows' second moments (none: the dtype's epsilon), and the least size of a parameter that the rate is relative to.
  using eps_t = std::tuple<std::optional<double>, double>;
  TENON_OPTION(eps_t, eps) = std::make_tuple(std::nullopt, 1e-3);
  TENON_OPTION(double, d) = 1.0;
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// Second moments of a parameter's last two dimensions as an outer product: r and c move to the means of g^2 over columns and rows by step^beta2_decay, v = r c / mean(r) (of
/// vectors the moment itself); u = g / sqrt(v), at most of root mean square d; p = (1 - lr weight_decay) p - min(lr, 1 / sqrt(step)) max(eps2, rms(p)) u.
/// State: row_var [..., rows, 1] and col_var [..., 1, columns], or variance. (Shazeer and Stern 2018; PyTorch's.)
class Adafactor : public OptimizerOf<AdafactorOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
