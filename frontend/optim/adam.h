// Adam and AdamW.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct AdamOptions : public OptimizerCloneableOptions<AdamOptions> {
  AdamOptions() : OptimizerCloneableOptions(1e-3, false) {}
  AdamOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(bool, amsgrad) = false;
  /// As AdamW.
  TENON_OPTION(bool, decoupled_weight_decay) = false;

public:
  void check(Location loc) const override;
  double *momentum_number() override { return &std::get<0>(betas()); }
};

struct AdamWOptions : public OptimizerCloneableOptions<AdamWOptions> {
  AdamWOptions() : OptimizerCloneableOptions(1e-3, false) {}
  AdamWOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 1e-2;
  TENON_OPTION(bool, amsgrad) = false;

public:
  void check(Location loc) const override;
  double *momentum_number() override { return &std::get<0>(betas()); }
};

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps), where
/// g = grad + weight_decay p; with amsgrad the largest v so far stands for v. State: exp_avg (m), exp_avg_sq (v), max_exp_avg_sq, step (t).
/// (Kingma and Ba 2014; Reddi et al. 2018.)
class Adam : public OptimizerOf<AdamOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

/// Adam with p *= 1 - lr weight_decay before the step, in place of weight_decay p in the gradient. (Loshchilov and Hutter 2019.)
class AdamW : public OptimizerOf<AdamWOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

} // namespace tenon::optim
