// Schedules, on the host between steps and as ops inside a compiled one; both multiply float64 by float64.
#include "frontend/optim/lr_scheduler.h"
#include "frontend/optim/cohort.h"
#include "frontend/optim/names.h"
#include "frontend/tensor/record.h"

#include <cmath>

namespace tenon::optim {

void LRScheduler::step(Location loc) {
  std::vector<double> rates = get_lrs();
  std::vector<OptimizerParamGroup> &groups = optimizer_.param_groups();
  if (rates.size() != groups.size())
    throw Error("scheduler: get_lrs gave " + std::to_string(rates.size()) + " rates, the optimizer has " + std::to_string(groups.size()) +
                    " groups",
                loc);
  for (size_t i = 0; i < groups.size(); ++i)
    groups[i].options().set_lr(rates[i], loc);
  ++step_count_;
}

std::vector<double> LRScheduler::get_current_lrs(Location loc) const {
  std::vector<double> rates;
  for (const OptimizerParamGroup &group : optimizer_.param_groups())
    rates.push_back(group.options().get_lr(loc));
  return rates;
}

StepLR::StepLR(Optimizer &optimizer, unsigned step_size, double gamma, Location loc)
    : LRScheduler(optimizer), step_size_(step_size), gamma_(gamma) {
  detail::expect(step_size > 0, "StepLR", "step_size", step_size, "at least 1", loc);
  detail::expect(std::isfinite(gamma) && gamma >= 0, "StepLR", "gamma", gamma, "a finite number that is not negative", loc);
  record::OutsideCapture outside;
  last_epoch_ = empty({}, kInt64, loc);
  *last_epoch_.mutable_data_ptr<int64_t>(loc) = 0;
  if (std::vector<Tensor> parameters = optimizer.parameters(); !parameters.empty())
    StateNames::make("scheduler")->name(last_epoch_, parameters[0], "last_epoch");
}

std::vector<double> StepLR::get_lrs() {
  std::vector<double> rates = get_current_lrs();
  if (*last_epoch_.const_data_ptr<int64_t>() % step_size_ == 0)
    for (double &rate : rates)
      rate *= gamma_;
  return rates;
}

void StepLR::step(Location loc) {
  if (!record::is_capturing()) {
    ++*last_epoch_.mutable_data_ptr<int64_t>(loc);
    return LRScheduler::step(loc);
  }
  NoGradGuard no_grad;
  last_epoch_.add_({1, loc});
  Tensor due = last_epoch_.remainder({static_cast<int64_t>(step_size_), loc}).eq({0, loc});
  for (const OptimizerParamGroup &group : optimizer_.param_groups()) {
    const Tensor &lr = group.options().lr_state();
    lr.copy_(where(due, {lr.mul({gamma_, loc}), loc}, {lr, loc}), false, loc);
  }
}

} // namespace tenon::optim
