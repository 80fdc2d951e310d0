// Schedulers: each step() writes the learning rate of every group, which is state. The formulas are those of PyTorch in Python: the k-th
// call of StepLR changes the rate where step_size divides k (LibTorch's C++ is one call late).
#pragma once
#include <tenon/optim/optimizer.h>
#include <tenon/tensor/value.h>

namespace tenon::optim {

/// A schedule of your own overrides get_lrs(). Between steps it runs on the host; inside tenon::compile use the formulas below, which are
/// state.
class LRScheduler {
public:
  explicit LRScheduler(Optimizer &optimizer) : optimizer_(optimizer) {}
  virtual ~LRScheduler() = default;
  virtual void step(Location loc = Location::current());
  Optimizer &optimizer() const { return optimizer_; }

  /// What has to be saved to go on, by name. Handles, not copies.
  virtual OrderedDict<std::string, Tensor> state_dict() const { return OrderedDict<std::string, Tensor>("State"); }
  /// Copies values in. Throws Error when names differ from state_dict()'s.
  virtual void load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc = Location::current());

protected:
  /// The next rates, one per group.
  virtual std::vector<double> get_lrs() = 0;
  std::vector<double> get_current_lrs(Location loc = Location::current()) const;
  Optimizer &optimizer_;
  unsigned step_count_ = 0;
};

/// A schedule that is a formula of the calls so far, the rate now and constants. step() writes at once between steps, and inside
/// tenon::compile as part of the step. State: scheduler.last_epoch.
class FormulaLR : public LRScheduler {
public:
  void step(Location loc = Location::current()) override;
  /// The calls so far, rank-0 int64.
  const Tensor &last_epoch() const { return last_epoch_; }
  OrderedDict<std::string, Tensor> state_dict() const override;

protected:
  using Value = tenon::detail::Value;
  FormulaLR(Optimizer &optimizer, Location loc);
  /// For the ends of constructors: the rates of call 0.
  void start(Location loc);
  /// Where a formula moves the momentum, its group must have one.
  virtual bool moves_momentum() const { return false; }

private:
  friend class SequentialLR;
  // The rate of `group` at call `epoch`, and its momentum; on the host and traced.
  virtual double next(double epoch, double lr, size_t group) const = 0;
  virtual Value next(const Value &epoch, const Value &lr, size_t group) const = 0;
  virtual double next_momentum(double, size_t) const { return 0; }
  virtual Value next_momentum(const Value &epoch, size_t) const { return epoch; }
  std::vector<double> get_lrs() override { return {}; }
  void write(int64_t epoch, bool restart, Location loc);
  /// Only where `active`; from call 0 where `restart`. Undefined flags: always, never.
  void trace(const Tensor &active, const Tensor &restart, Location loc);
  Tensor last_epoch_;
};

#define TENON_FORMULA                                                                                                                      \
private:                                                                                                                                   \
  template <class T> T formula(const T &epoch, const T &lr, size_t group) const;                                                           \
  double next(double epoch, double lr, size_t group) const override;                                                                       \
  Value next(const Value &epoch, const Value &lr, size_t group) const override;

/// Multiplies every rate by gamma at each step_size-th call.
class StepLR : public FormulaLR {
public:
  /// Throws Error unless step_size is positive and gamma is finite and not negative.
  StepLR(Optimizer &optimizer, unsigned step_size, double gamma = 0.1, Location loc = Location::current());
  TENON_FORMULA
  unsigned step_size_;
  double gamma_;
};

/// Multiplies every rate by gamma at each call.
class ExponentialLR : public StepLR {
public:
  ExponentialLR(Optimizer &optimizer, double gamma, Location loc = Location::current()) : StepLR(optimizer, 1, gamma, loc) {}
};

/// Multiplies every rate by gamma at the calls `milestones` (twice where one is there twice).
class MultiStepLR : public FormulaLR {
public:
  MultiStepLR(Optimizer &optimizer, std::vector<int64_t> milestones, double gamma = 0.1, Location loc = Location::current());
  TENON_FORMULA
  std::vector<int64_t> milestones_;
  double gamma_;
};

/// The rate times `factor` until call total_iters.
class ConstantLR : public FormulaLR {
public:
  ConstantLR(Optimizer &optimizer, double factor = 1.0 / 3, int64_t total_iters = 5, Location loc = Location::current());
  TENON_FORMULA
  double factor_;
  int64_t total_;
};

/// A factor that goes from start_factor to end_factor over total_iters calls: warm-up.
class LinearLR : public FormulaLR {
public:
  LinearLR(Optimizer &optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int64_t total_iters = 5,
           Location loc = Location::current());
  TENON_FORMULA
  double first_, last_;
  int64_t total_;
};

/// initial rate (1 - epoch / total_iters)^power, 0 from call total_iters on.
class PolynomialLR : public FormulaLR {
public:
  PolynomialLR(Optimizer &optimizer, int64_t total_iters = 5, double power = 1.0, Location loc = Location::current());
  TENON_FORMULA
  int64_t total_;
  double power_;
};

/// eta_min + (initial - eta_min) (1 + cos(pi epoch / T_max)) / 2, as PyTorch's recurrence. (Loshchilov and Hutter 2017.)
class CosineAnnealingLR : public FormulaLR {
public:
  CosineAnnealingLR(Optimizer &optimizer, int64_t T_max, double eta_min = 0, Location loc = Location::current());
  TENON_FORMULA
  int64_t T_max_;
  double eta_min_;
  std::vector<double> base_;
};

/// The same within cycles of T_0, T_0 T_mult, T_0 T_mult^2, ... calls.
class CosineAnnealingWarmRestarts : public FormulaLR {
public:
  CosineAnnealingWarmRestarts(Optimizer &optimizer, int64_t T_0, int64_t T_mult = 1, double eta_min = 0,
                              Location loc = Location::current());
  TENON_FORMULA
  int64_t T_0_, T_mult_;
  double eta_min_;
  std::vector<double> base_;
};

struct CyclicLROptions {
  CyclicLROptions(double base_lr, double max_lr) : base_lr_(base_lr), max_lr_(max_lr) {}
  TENON_ARG(double, base_lr);
  TENON_ARG(double, max_lr);
  TENON_ARG(int64_t, step_size_up) = 2000;
  /// 0: step_size_up.
  TENON_ARG(int64_t, step_size_down) = 0;
  /// "triangular", "triangular2" (halved each cycle) or "exp_range" (times gamma^epoch).
  TENON_ARG(std::string, mode) = "triangular";
  TENON_ARG(double, gamma) = 1.0;
  TENON_ARG(bool, cycle_momentum) = true;
  TENON_ARG(double, base_momentum) = 0.8;
  TENON_ARG(double, max_momentum) = 0.9;
};
/// The rate rises from base_lr to max_lr and falls again, the momentum against it. (Smith 2017.)
class CyclicLR : public FormulaLR {
public:
  CyclicLR(Optimizer &optimizer, CyclicLROptions options, Location loc = Location::current());
  TENON_FORMULA
  template <class T> T height(const T &epoch) const;
  bool moves_momentum() const override { return options_.cycle_momentum(); }
  double next_momentum(double epoch, size_t group) const override;
  Value next_momentum(const Value &epoch, size_t group) const override;
  CyclicLROptions options_;
};

struct OneCycleLROptions {
  OneCycleLROptions(double max_lr, int64_t total_steps) : max_lr_(max_lr), total_steps_(total_steps) {}
  TENON_ARG(double, max_lr);
  TENON_ARG(int64_t, total_steps);
  TENON_ARG(double, pct_start) = 0.3;
  /// "cos" or "linear".
  TENON_ARG(std::string, anneal_strategy) = "cos";
  TENON_ARG(bool, cycle_momentum) = true;
  TENON_ARG(double, base_momentum) = 0.85;
  TENON_ARG(double, max_momentum) = 0.95;
  TENON_ARG(double, div_factor) = 25;
  TENON_ARG(double, final_div_factor) = 1e4;
  TENON_ARG(bool, three_phase) = false;
};
/// From max_lr / div_factor up to max_lr and down to that / final_div_factor, the momentum against it. (Smith and Topin 2019.) Stepping
/// more often than total_steps is an error on the host, and stays at the end in a compiled step.
class OneCycleLR : public FormulaLR {
public:
  OneCycleLR(Optimizer &optimizer, OneCycleLROptions options, Location loc = Location::current());
  TENON_FORMULA
  template <class T> T annealed(const T &epoch, const std::vector<double> &values) const;
  bool moves_momentum() const override { return options_.cycle_momentum(); }
  double next_momentum(double epoch, size_t group) const override;
  Value next_momentum(const Value &epoch, size_t group) const override;
  OneCycleLROptions options_;
};

/// From the rate to swa_lr over anneal_epochs calls ("cos" or "linear"), for averaged weights.
class SWALR : public FormulaLR {
public:
  SWALR(Optimizer &optimizer, double swa_lr, int64_t anneal_epochs = 10, std::string anneal_strategy = "cos",
        Location loc = Location::current());
  TENON_FORMULA
  template <class T> T share(const T &epoch) const;
  double swa_lr_;
  int64_t epochs_;
  bool cosine_;
};
#undef TENON_FORMULA

/// initial rate times lambda(call), one function for all groups or one per group. Runs on the host.
class LambdaLR : public LRScheduler {
public:
  using Lambda = std::function<double(int64_t)>;
  LambdaLR(Optimizer &optimizer, Lambda lambda, Location loc = Location::current())
      : LambdaLR(optimizer, std::vector<Lambda>(optimizer.param_groups().size(), lambda), loc) {}
  LambdaLR(Optimizer &optimizer, std::vector<Lambda> lambdas, Location loc = Location::current());
  OrderedDict<std::string, Tensor> state_dict() const override;

protected:
  std::vector<double> get_lrs() override;
  std::vector<Lambda> lambdas_;
  Tensor last_epoch_;
};

/// The rate times lambda(call) at each call. Runs on the host.
class MultiplicativeLR : public LambdaLR {
public:
  MultiplicativeLR(Optimizer &optimizer, Lambda lambda, Location loc = Location::current());

protected:
  std::vector<double> get_lrs() override;
};

/// Several schedules on one optimizer, each after the other at every call.
class ChainedScheduler : public LRScheduler {
public:
  explicit ChainedScheduler(std::vector<std::shared_ptr<LRScheduler>> schedulers, Location loc = Location::current());
  void step(Location loc = Location::current()) override;
  OrderedDict<std::string, Tensor> state_dict() const override;

protected:
  std::vector<double> get_lrs() override { return {}; }
  std::vector<std::shared_ptr<LRScheduler>> schedulers_;
};

/// One schedule after the other: schedulers[k] from call milestones[k - 1] on, started anew. All are formulas.
class SequentialLR : public LRScheduler {
public:
  SequentialLR(Optimizer &optimizer, std::vector<std::shared_ptr<FormulaLR>> schedulers, std::vector<int64_t> milestones,
               Location loc = Location::current());
  void step(Location loc = Location::current()) override;
  OrderedDict<std::string, Tensor> state_dict() const override;

protected:
  std::vector<double> get_lrs() override { return {}; }
  std::vector<std::shared_ptr<FormulaLR>> schedulers_;
  std::vector<int64_t> milestones_;
  Tensor last_epoch_;
};

struct ReduceLROnPlateauOptions {
  /// "min" or "max".
  TENON_ARG(std::string, mode) = "min";
  TENON_ARG(double, factor) = 0.1;
  TENON_ARG(int64_t, patience) = 10;
  TENON_ARG(double, threshold) = 1e-4;
  /// "rel" or "abs".
  TENON_ARG(std::string, threshold_mode) = "rel";
  TENON_ARG(int64_t, cooldown) = 0;
  TENON_ARG(double, min_lr) = 0;
  TENON_ARG(double, eps) = 1e-8;
};
/// The rate times factor when a metric has not improved for more than `patience` calls. Runs on the host.
class ReduceLROnPlateau {
public:
  explicit ReduceLROnPlateau(Optimizer &optimizer, ReduceLROnPlateauOptions options = {}, Location loc = Location::current());
  void step(double metric, Location loc = Location::current());
  void step(const Tensor &metric, Location loc = Location::current()) { step(metric.to(kFloat64, loc).item<double>(loc), loc); }
  OrderedDict<std::string, Tensor> state_dict() const;
  void load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc = Location::current());

private:
  Optimizer &optimizer_;
  ReduceLROnPlateauOptions options_;
  double best_;
  int64_t bad_ = 0, cooling_ = 0;
};

} // namespace tenon::optim
