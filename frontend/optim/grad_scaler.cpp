// The scale's arithmetic, and steps whose writes are undone by a flag of the device.
#include "frontend/optim/grad_scaler.h"
#include "frontend/optim/cohort.h"
#include "frontend/optim/names.h"
#include "frontend/tensor/impl.h"
#include "frontend/tensor/program.h"
#include "frontend/tensor/record.h"

#include <cmath>

namespace tenon::amp {

using tenon::detail::Value;

namespace {

/// State in memory at once, so that it is no part of any step.
Tensor make_state(Dtype dtype, double value, Location loc) {
  record::OutsideCapture outside;
  Tensor state = empty({}, dtype, loc);
  tenon::detail::fill(tenon::detail::host_numbers("GradScaler", state, tenon::detail::Use::Change, loc), dtype, value, 1);
  return state;
}

void expect_entry(const OrderedDict<std::string, Tensor> &state, const char *name, Location loc) {
  if (!state.contains(name))
    throw Error(std::string("load_state_dict of GradScaler: missing ") + name, loc);
}

/// No gradient, and none of autocast's types.
struct Exact {
  NoGradGuard no_grad;
  AutocastGuard no_autocast{kBFloat16, false};
};

} // namespace

GradScaler::GradScaler(double init_scale, double growth_factor, double backoff_factor, int64_t growth_interval, bool enabled, Location loc)
    : growth_factor_(growth_factor), backoff_factor_(backoff_factor), growth_interval_(growth_interval), enabled_(enabled), made_(loc),
      highest_(init_scale), names_(optim::StateNames::make("scaler")) {
  using optim::detail::expect;
  expect(init_scale > 0 && std::isfinite(init_scale), "GradScaler", "init_scale", init_scale, "a positive, finite number", loc);
  expect(growth_factor > 1, "GradScaler", "growth_factor", growth_factor, "above 1", loc);
  expect(backoff_factor > 0 && backoff_factor < 1, "GradScaler", "backoff_factor", backoff_factor, "in (0, 1)", loc);
  expect(growth_interval >= 1, "GradScaler", "growth_interval", static_cast<double>(growth_interval), "at least 1", loc);
  scale_ = make_state(kFloat, init_scale, loc);
  growth_tracker_ = make_state(kInt, 0, loc);
}

GradScaler::~GradScaler() {
  try {
    say();
  } catch (const std::exception &) { // of a GPU that is lost
  }
}

/// Looks at the scale where it is in memory: nothing is run for it.
void GradScaler::say() const {
  const tenon::detail::ImplPtr &slot = tenon::detail::Access::impl(scale_);
  if (!slot || slot->trace || !slot->storage)
    return;
  double now = tenon::detail::load_scalar(slot->storage->host(), kFloat).toDouble();
  if (now < highest_)
    tenon::detail::say_once(Error("GradScaler: gradients overflowed; such steps are skipped, and the scale is lowered", made_).what());
  highest_ = now;
}

GradScaler::Scaled &GradScaler::scaled(optim::Optimizer &optimizer, Location loc) {
  for (Scaled &s : optimizers_)
    if (s.optimizer == &optimizer)
      return s;
  std::vector<Tensor> parameters = optimizer.parameters();
  if (parameters.empty())
    throw Error("GradScaler: the optimizer has no parameters", loc);
  if (optimizers_.empty()) {
    names_->name(scale_, parameters[0], "scale");
    names_->name(growth_tracker_, parameters[0], "growth_tracker");
  }
  size_t number = optimizers_.size();
  optimizers_.push_back({&optimizer, Stage::ready, make_state(kFloat, 0, loc)});
  names_->name(optimizers_.back().found_inf, parameters[0], number ? "found_inf/" + std::to_string(number) : "found_inf");
  return optimizers_.back();
}

Tensor GradScaler::scale(const Tensor &outputs, Location loc) const { return enabled_ ? outputs.mul({scale_, loc}) : outputs; }
TensorList GradScaler::scale(const TensorList &outputs, Location loc) const {
  TensorList results;
  for (const Tensor &t : outputs)
    results.push_back(scale(t, loc));
  return results;
}

void GradScaler::unscale_(optim::Optimizer &optimizer, Location loc) {
  if (!enabled_)
    return;
  Scaled &s = scaled(optimizer, loc);
  if (s.stage != Stage::ready)
    throw Error(s.stage == Stage::unscaled ? "GradScaler: unscale_() was called on this optimizer since the last update()"
                                           : "GradScaler: unscale_() is called after step()",
                loc);
  Exact exact;
  Value inverse{scale_.to(kDouble, loc).reciprocal(loc).to(kFloat, loc), loc}, sum;
  for (const Tensor &parameter : optimizer.parameters()) {
    Tensor gradient = parameter.grad();
    if (!gradient.defined())
      continue;
    if (gradient.scalar_type() == kHalf)
      throw Error("GradScaler: a gradient is " + record::text(gradient) + "; expected parameters of float32, which autocast casts", loc);
    // Numbers times 0 sum to 0, or to NaN where one was not finite.
    Value each{gradient.mul({0.0, loc}).sum(std::nullopt, loc).to(kFloat, loc), loc};
    sum = sum.tensor.defined() ? sum + each : each;
    gradient.mul_(inverse);
  }
  if (!sum.tensor.defined())
    throw Error("GradScaler: no parameter of the optimizer has a gradient", loc);
  record::assign("unscale_", s.found_inf, sum.tensor.ne({sum.tensor, loc}).to(kFloat, loc), loc);
  s.stage = Stage::unscaled;
}

void GradScaler::step(optim::Optimizer &optimizer, Location loc) {
  if (!enabled_) {
    optimizer.step(nullptr, loc);
    return;
  }
  if (scaled(optimizer, loc).stage == Stage::stepped)
    throw Error("GradScaler: step() was called on this optimizer since the last update()", loc);
  if (scaled(optimizer, loc).stage == Stage::ready)
    unscale_(optimizer, loc);
  Scaled &s = scaled(optimizer, loc);
  Tensor skipped = s.found_inf.ne({0.0, loc});
  {
    record::KeepWhere keep(skipped);
    optimizer.step(nullptr, loc);
  }
  s.stage = Stage::stepped;
}

void GradScaler::update(Location loc) {
  if (!enabled_)
    return;
  say();
  Exact exact;
  Tensor found;
  for (Scaled &s : optimizers_) {
    if (s.stage == Stage::ready)
      continue;
    Tensor flag = s.found_inf.ne({0.0, loc});
    found = found.defined() ? found.logical_or({flag, loc}) : flag;
    s.stage = Stage::ready;
  }
  if (!found.defined())
    throw Error("GradScaler: update() is called before step() or unscale_()", loc);
  // Products in double, rounded once, as PyTorch's.
  auto times = [&](double factor) { return scale_.to(kDouble, loc).mul({factor, loc}).to(kFloat, loc); };
  Tensor good = growth_tracker_.add({1, loc}), due = good.eq({growth_interval_, loc}), grown = times(growth_factor_);
  Tensor raised = where(due.logical_and({grown.isfinite(loc), loc}), {grown, loc}, {scale_, loc});
  Tensor next = where(found, {times(backoff_factor_), loc}, {raised, loc});
  Tensor none = growth_tracker_.mul({0, loc});
  Tensor count = where(found.logical_or({due, loc}), {none, loc}, {good, loc});
  record::assign("update", scale_, next, loc);
  record::assign("update", growth_tracker_, count, loc);
}

void GradScaler::update(double new_scale, Location loc) {
  optim::detail::expect(new_scale > 0 && std::isfinite(new_scale), "GradScaler", "new_scale", new_scale, "a positive, finite number", loc);
  if (!enabled_)
    return;
  NoGradGuard no_grad;
  scale_.fill_({new_scale, loc});
  for (Scaled &s : optimizers_)
    s.stage = Stage::ready;
  if (!record::is_capturing())
    highest_ = new_scale;
}

double GradScaler::get_scale(Location loc) const {
  double now = enabled_ ? scale_.item<float>(loc) : 1.0;
  say();
  return now;
}

OrderedDict<std::string, Tensor> GradScaler::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  if (!enabled_)
    return state;
  state.insert("scale", scale_);
  state.insert("growth_factor", full({}, growth_factor_, kFloat64));
  state.insert("backoff_factor", full({}, backoff_factor_, kFloat64));
  state.insert("growth_interval", full({}, growth_interval_, kLong));
  state.insert("_growth_tracker", growth_tracker_);
  return state;
}

void GradScaler::load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc) {
  if (!enabled_)
    return;
  for (const char *name : {"scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker"})
    expect_entry(state, name, loc);
  NoGradGuard no_grad;
  scale_.copy_(state["scale"], false, loc);
  growth_tracker_.copy_(state["_growth_tracker"], false, loc);
  growth_factor_ = state["growth_factor"].item<double>(loc);
  backoff_factor_ = state["backoff_factor"].item<double>(loc);
  growth_interval_ = state["growth_interval"].item<int64_t>(loc);
  highest_ = state["scale"].item<float>(loc);
}

} // namespace tenon::amp
