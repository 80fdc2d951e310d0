// Anomaly mode: which op made the first NaN or Inf.
#pragma once
#include "tensor.h"

namespace tenon::autograd {

/// While it is on, a step whose results hold a NaN or an Inf is an error that names the first op, forward or backward, that made one of operands
/// without, and the user's line; state is as before the step. The step is then computed once more by plain loops, which is slow; steps without
/// such numbers cost a copy of their state. Infinities that the program writes as numbers are none of its mistakes; what never reaches a result is
/// not looked at. Functions of tenon::compile run define-by-run while it is on.
struct AnomalyMode {
  static bool is_enabled();
  static bool should_check_nan();
  static void set_enabled(bool enabled, bool check_nan = true);
};

class DetectAnomalyGuard {
public:
  explicit DetectAnomalyGuard(bool check_nan = true) : enabled_(AnomalyMode::is_enabled()), check_nan_(AnomalyMode::should_check_nan()) {
    AnomalyMode::set_enabled(true, check_nan);
  }
  ~DetectAnomalyGuard() { AnomalyMode::set_enabled(enabled_, check_nan_); }
  DetectAnomalyGuard(const DetectAnomalyGuard &) = delete;

private:
  bool enabled_, check_nan_;
};

} // namespace tenon::autograd
