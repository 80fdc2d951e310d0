// The learning rate, as number and as state.
#include "frontend/optim/options.h"
#include "frontend/optim/cohort.h"
#include "frontend/tensor/record.h"

#include <cmath>
#include <sstream>

namespace tenon::optim {

OptimizerOptions &OptimizerOptions::operator=(const OptimizerOptions &other) {
  set_lr(other.get_lr());
  maximize_ = other.maximize_;
  return *this;
}

std::unique_ptr<OptimizerOptions> OptimizerOptions::completed(const OptimizerOptions &defaults) const {
  std::unique_ptr<OptimizerOptions> result = defaults.clone();
  if (lr_given_)
    result->lr_ = lr_;
  for (Copy field : set_)
    field(*result, *this);
  return result;
}

double OptimizerOptions::get_lr(Location loc) const {
  return state_.defined() ? state_.item<double>(loc) : lr_;
}

void OptimizerOptions::set_lr(double lr, Location loc) {
  detail::expect(std::isfinite(lr) && lr >= 0, "optimizer", "lr", lr, "a finite number that is not negative", loc);
  lr_ = lr;
  lr_given_ = true;
  if (!state_.defined())
    return;
  NoGradGuard no_grad;
  if (record::is_capturing())
    state_.fill_({lr, loc});
  else // at once, so that the next step's trace is the one that is known
    *state_.mutable_data_ptr<double>(loc) = lr;
}

void OptimizerOptions::set_momentum(double momentum, Location loc) {
  double *number = momentum_number();
  if (!number)
    throw Error("optimizer: its options have no momentum", loc);
  *number = momentum;
  if (!state_.defined())
    return;
  record::OutsideCapture outside;
  if (!momentum_.defined()) {
    momentum_ = empty({}, kFloat64, loc);
    if (name_momentum_)
      name_momentum_(momentum_);
  }
  *momentum_.mutable_data_ptr<double>(loc) = momentum;
}

void detail::expect(bool good, const char *optimizer, const char *option, double value, const char *expected, Location loc) {
  if (good)
    return;
  std::ostringstream text;
  text << optimizer << ": " << option << " is " << value << ", expected " << expected;
  throw Error(text.str(), loc);
}

} // namespace tenon::optim
