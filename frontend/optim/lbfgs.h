// LBFGS: a quasi-Newton method on the whole batch. It calls the closure several times a step and decides by its losses, so it runs on the
// host, between compiled pieces; inside tenon::compile it is an error.
#pragma once
#include <tenon/optim/optimizer.h>

#include <optional>

namespace tenon::optim {

struct LBFGSOptions : public OptimizerCloneableOptions<LBFGSOptions> {
  LBFGSOptions() : OptimizerCloneableOptions(1, false) {}
  LBFGSOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(int64_t, max_iter) = 20;
  /// Calls of the closure per step; none: max_iter * 5 / 4.
  TENON_OPTION(std::optional<int64_t>, max_eval) = std::nullopt;
  TENON_OPTION(double, tolerance_grad) = 1e-7;
  TENON_OPTION(double, tolerance_change) = 1e-9;
  TENON_OPTION(size_t, history_size) = 100;
  /// "strong_wolfe", or none: steps of lr.
  TENON_OPTION(std::optional<std::string>, line_search_fn) = std::nullopt;

public:
  void check(Location loc) const override;
};

/// One group of parameters. (Nocedal and Wright 2006, algorithms 3.5, 3.6 and 7.5, with the bounds of PyTorch.) Its memory of
/// directions is of the host, in float64; state_dict() has a copy of it under PyTorch's names.
class LBFGS : public OptimizerOf<LBFGSOptions> {
public:
  explicit LBFGS(std::vector<OptimizerParamGroup> groups, LBFGSOptions defaults = {}, Location loc = Location::current());
  explicit LBFGS(std::vector<Tensor> params, LBFGSOptions defaults = {}, Location loc = Location::current());
  /// The closure clears the gradients, computes the loss, calls backward() on it and returns it. Throws Error without one.
  Tensor step(LossClosure closure = nullptr, Location loc = Location::current()) override;
  /// Beside the rate, from the first step on, with P elements in all parameters and h remembered steps: "n_iter" (int64), "t", "H_diag", "d" [P],
  /// "prev_flat_grad" [P], and where h > 0 "old_dirs" [h, P], "old_stps" [h, P], "ro" [h]. Copies, not handles.
  OrderedDict<std::string, Tensor> state_dict() const override;
  /// State without this memory forgets it. Throws Error naming what is missing or has another shape, and changes nothing then.
  void load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc = Location::current()) override;

private:
  using Vector = std::vector<double>;
  struct Point {
    double loss;
    Vector gradient;
  };
  Point evaluate(const LossClosure &closure, Location loc) const;
  void move(const Vector &from, double t, const Vector &direction, Location loc) const;
  Vector position(Location loc) const;
  Vector direction(const Vector &gradient);
  struct Search;

  Vector d_, previous_gradient_;
  std::vector<Vector> changes_, steps_; // of the gradient, of the parameters
  Vector ro_;
  double t_ = 0, scale_ = 1;
  int64_t iterations_ = 0;
};

} // namespace tenon::optim
