// GradScaler: keeps gradients of float16 in range by scaling the loss, and skips the steps in which they overflowed.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {
class StateNames;
}

namespace tenon::amp {

/// torch.amp.GradScaler. The scale, the count of good steps and whether gradients overflowed are state (`scaler.scale`,
/// `scaler.growth_tracker`, `scaler.found_inf`), and a step is skipped by keeping the old numbers: nothing waits for the host, so that
/// the four calls may be a part of a compiled step.
///   scaler.scale(loss).backward();
///   scaler.unscale_(optimizer); // where gradients are clipped
///   scaler.step(optimizer);
///   scaler.update();
class GradScaler {
public:
  /// Throws Error unless init_scale is positive and finite, growth_factor above 1, backoff_factor in (0, 1) and growth_interval at least 1.
  explicit GradScaler(double init_scale = 65536, double growth_factor = 2, double backoff_factor = 0.5, int64_t growth_interval = 2000,
                      bool enabled = true, Location loc = Location::current());
  GradScaler(const GradScaler &) = delete;
  ~GradScaler();

  /// outputs times the scale.
  Tensor scale(const Tensor &outputs, Location loc = Location::current()) const;
  TensorList scale(const TensorList &outputs, Location loc = Location::current()) const;
  /// Divides the gradients of the optimizer's parameters by the scale and notes whether one is infinite or NaN. Once per step at most;
  /// step() does it where it was not done. Throws Error on gradients of float16: parameters stay float32 under autocast.
  void unscale_(optim::Optimizer &optimizer, Location loc = Location::current());
  /// optimizer.step(), where no gradient overflowed: else its parameters and all of its state stay as they are.
  void step(optim::Optimizer &optimizer, Location loc = Location::current());
  /// Lowers the scale by backoff_factor after an overflow; raises it by growth_factor after growth_interval steps without one.
  void update(Location loc = Location::current());
  /// Sets the scale.
  void update(double new_scale, Location loc = Location::current());

  /// Reads the state: runs what is pending.
  double get_scale(Location loc = Location::current()) const;
  double get_growth_factor() const { return growth_factor_; }
  double get_backoff_factor() const { return backoff_factor_; }
  int64_t get_growth_interval() const { return growth_interval_; }
  bool is_enabled() const { return enabled_; }
  /// scale, growth_factor, backoff_factor, growth_interval and _growth_tracker; empty where it is not enabled.
  OrderedDict<std::string, Tensor> state_dict() const;
  /// Throws Error where an entry is missing.
  void load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc = Location::current());

private:
  enum class Stage { ready, unscaled, stepped };
  struct Scaled {
    const optim::Optimizer *optimizer;
    Stage stage = Stage::ready; // since the last update()
    Tensor found_inf;           // rank-0 float32: 1 where a gradient was not finite
  };
  Scaled &scaled(optim::Optimizer &optimizer, Location loc);
  void say() const;
  double growth_factor_, backoff_factor_;
  int64_t growth_interval_;
  bool enabled_;
  Location made_;
  mutable double highest_; // scale that the host has seen
  Tensor scale_, growth_tracker_;
  std::vector<Scaled> optimizers_;
  std::shared_ptr<optim::StateNames> names_;
};

} // namespace tenon::amp
