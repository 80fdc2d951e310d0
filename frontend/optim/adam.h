// Adam and AdamW.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct AdamOptions : public OptimizerCloneableOptions<AdamOptions> {
  AdamOptions(double lr = 1e-3) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_ARG(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_ARG(double, eps) = 1e-8;
  TENON_ARG(double, weight_decay) = 0;
  TENON_ARG(bool, amsgrad) = false;
};

struct AdamWOptions : public OptimizerCloneableOptions<AdamWOptions> {
  AdamWOptions(double lr = 1e-3) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_ARG(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_ARG(double, eps) = 1e-8;
  TENON_ARG(double, weight_decay) = 1e-2;
  TENON_ARG(bool, amsgrad) = false;
};

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps), where
/// g = grad + weight_decay p; with amsgrad the largest v so far stands for v. State: exp_avg (m), exp_avg_sq (v), max_exp_avg_sq, step (t).
/// (Kingma and Ba 2014; Reddi et al. 2018.)
class Adam : public Optimizer {
public:
  explicit Adam(std::vector<OptimizerParamGroup> groups, AdamOptions defaults = {}, Location loc = Location::current());
  explicit Adam(std::vector<Tensor> params, AdamOptions defaults = {}, Location loc = Location::current());

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
  void check(const OptimizerOptions &options, Location loc) const override;
};

/// Adam with p *= 1 - lr weight_decay before the step, in place of weight_decay p in the gradient. (Loshchilov and Hutter 2019.)
class AdamW : public Optimizer {
public:
  explicit AdamW(std::vector<OptimizerParamGroup> groups, AdamWOptions defaults = {}, Location loc = Location::current());
  explicit AdamW(std::vector<Tensor> params, AdamWOptions defaults = {}, Location loc = Location::current());

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
  void check(const OptimizerOptions &options, Location loc) const override;
};

} // namespace tenon::optim
