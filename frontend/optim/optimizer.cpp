// Groups, ages and the state table of an optimizer.
#include "frontend/optim/optimizer.h"
#include "frontend/optim/cohort.h"
#include "frontend/optim/optimizer_state.h"
#include "frontend/tensor/impl.h"
#include "frontend/tensor/record.h"

#include <algorithm>

namespace tenon::optim {

namespace {

/// A tensor of one number, in memory at once: it is no part of any step.
Tensor make_state(IntArrayRef sizes, double value, const TensorOptions &where, Location loc) {
  record::OutsideCapture outside;
  NoGradGuard no_grad;
  Tensor tensor = empty(sizes, where, loc);
  tenon::detail::fill(tenon::detail::host_numbers("optimizer", tensor, tenon::detail::Use::Replace, loc), where.dtype(), value, tensor.numel());
  return tensor;
}

} // namespace

Optimizer::Optimizer(std::vector<OptimizerParamGroup> groups, std::unique_ptr<OptimizerOptions> defaults, Location loc)
    : defaults_(std::move(defaults)), state_(new State) {
  for (const OptimizerParamGroup &group : groups) {
    check_group(group, loc);
    groups_.push_back(group);
    bind(groups_.size() - 1, loc);
  }
}
Optimizer::Optimizer(Optimizer &&) = default;
Optimizer &Optimizer::operator=(Optimizer &&) = default;
Optimizer::~Optimizer() = default;

void Optimizer::update(Cohort &) {
  throw Error("Optimizer: override update() or step()");
}

// -- Groups --

void Optimizer::check_group(const OptimizerParamGroup &group, Location loc) const {
  if (group.has_options() && typeid(group.options()) != typeid(*defaults_))
    throw Error("optimizer: a group has the options of another optimizer", loc);
  std::vector<Tensor> seen = parameters();
  for (const Tensor &parameter : group.params()) {
    std::string number = "parameter " + std::to_string(seen.size());
    if (!parameter.defined())
      throw Error("optimizer: " + number + " is an undefined tensor", loc);
    if (!parameter.is_leaf())
      throw Error("optimizer: " + number + " is the result of an operation, expected a leaf", loc);
    if (!parameter.is_floating_point())
      throw Error("optimizer: " + number + " is " + record::text(parameter) + ", expected floating point", loc);
    if (std::any_of(seen.begin(), seen.end(), [&](const Tensor &t) { return t.is_same(parameter); }))
      throw Error("optimizer: " + number + " " + record::text(parameter) + " is there already", loc);
    seen.push_back(parameter);
  }
}

void Optimizer::bind(size_t number, Location loc) {
  OptimizerParamGroup &group = groups_[number];
  group.set_options(group.has_options() ? group.options().completed(*defaults_) : defaults_->clone());
  OptimizerOptions &options = group.options();
  options.set_lr(options.get_lr(), loc); // checks it
  options.check(loc);
  options.state_ = make_state({}, options.get_lr(), kFloat64, loc);
  for (const Tensor &parameter : group.params())
    state_->number_of(parameter);
  if (!state_->kept.empty())
    state_->names->name(options.state_, state_->kept[0].parameter, numbered("lr", number));
  options.name_momentum_ = [state = state_.get(), number](const Tensor &momentum) {
    if (!state->kept.empty())
      state->names->name(momentum, state->kept[0].parameter, numbered("momentum", number));
  };
}

void Optimizer::add_param_group(const OptimizerParamGroup &group, Location loc) {
  check_group(group, loc);
  groups_.push_back(group);
  bind(groups_.size() - 1, loc);
}

std::vector<Tensor> Optimizer::parameters() const {
  std::vector<Tensor> result;
  for (const OptimizerParamGroup &group : groups_)
    result.insert(result.end(), group.params().begin(), group.params().end());
  return result;
}

size_t Optimizer::size() const noexcept {
  size_t count = 0;
  for (const OptimizerParamGroup &group : groups_)
    count += group.params().size();
  return count;
}

void Optimizer::zero_grad(bool set_to_none, Location loc) {
  NoGradGuard no_grad;
  for (const OptimizerParamGroup &group : groups_)
    for (const Tensor &parameter : group.params())
      if (set_to_none)
        parameter.reset_grad();
      else if (parameter.grad().defined())
        parameter.grad().zero_(loc);
}

// -- The step --

Tensor Optimizer::counter(double value, Location loc) {
  Tensor made = make_state({}, value, kFloat64, loc);
  state_->names->name(made, state_->kept[0].parameter, numbered("step", state_->counters++));
  return made;
}

/// A counter for parameters that have none, or that step without the others that shared theirs.
void Optimizer::count(const std::vector<size_t> &active, Location loc) {
  State &state = *state_;
  std::vector<Tensor> done;
  for (size_t number : active) {
    Tensor step = state.kept[number].step;
    if (std::any_of(done.begin(), done.end(), [&](const Tensor &t) { return t.is_same(step); }))
      continue;
    std::vector<size_t> same;
    for (size_t other : active)
      if (state.kept[other].step.is_same(step))
        same.push_back(other);
    if (!step.defined() || state.users(step) > same.size()) {
      record::OutsideCapture outside;
      Tensor fresh = counter(step.defined() ? step.item<double>(loc) : 0, loc);
      if (step.defined()) {
        OrderedDict<std::string, Tensor> old = state.age(step).scalars;
        for (const auto &item : old)
          scalar(fresh, {item.key().c_str(), item.value().item<double>(loc)}, loc);
      }
      for (size_t other : same)
        state.kept[other].step = fresh;
      step = fresh;
    }
    step.add_({1.0, loc});
    done.push_back(step);
  }
}

Tensor Optimizer::step(LossClosure closure, Location loc) {
  Tensor loss;
  if (closure) {
    AutoGradEnabled enabled;
    loss = closure();
  }
  NoGradGuard no_grad;
  AutocastGuard no_autocast(kBFloat16, false, loc);
  for (const OptimizerParamGroup &group : groups_) {
    std::vector<size_t> active;
    for (const Tensor &parameter : group.params())
      if (parameter.grad().defined())
        active.push_back(state_->number_of(parameter));
    if (counts_steps(group.options()))
      count(active, loc);

    std::vector<Moment> wanted = moments(group.options());
    while (!active.empty()) { // a cohort: those that share dtype and counter with the first
      const Kept &first = state_->kept[active[0]];
      Cohort cohort(group.options(), loc);
      cohort.lr_ = group.options().lr_state();
      cohort.step_ = first.step;
      for (const Moment &wanted : scalars(group.options()))
        cohort.scalars_.push_back(scalar(first.step, wanted, loc));
      cohort.lists_.resize(wanted.size() + 2);
      for (TensorList &list : cohort.lists_)
        list.reserve(active.size());
      std::vector<size_t> others;
      for (size_t number : active) {
        Kept &kept = state_->kept[number];
        if (kept.parameter.scalar_type() != first.parameter.scalar_type() || !kept.step.is_same(first.step)) {
          others.push_back(number);
          continue;
        }
        cohort.lists_.front().push_back(kept.parameter);
        cohort.lists_.back().push_back(kept.parameter.grad());
        for (size_t i = 0; i < wanted.size(); ++i)
          cohort.lists_[i + 1].push_back(moment(number, wanted[i], loc, i));
      }
      update(cohort);
      active = std::move(others);
    }
  }
  return loss;
}

const Tensor &Optimizer::moment(size_t number, const Moment &wanted, Location loc, size_t place) {
  Kept &kept = state_->kept[number];
  if (place < kept.moments.size() && kept.moments[place].key() == wanted.name) // no hashing in every step
    return kept.moments[place].value();
  if (const Tensor *found = kept.moments.find(wanted.name))
    return *found;
  static const Tensor none;
  auto shape = wanted.shape_for(kept.parameter);
  if (!shape)
    return none;
  Tensor made = make_state(*shape, wanted.initial, kept.parameter.options(), loc);
  state_->names->name_moment(made, kept.parameter, wanted.name, number);
  return kept.moments.insert(wanted.name, made);
}

Tensor Optimizer::scalar(const Tensor &step, const Moment &wanted, Location loc) {
  Age &age = state_->age(step);
  if (const Tensor *found = age.scalars.find(wanted.name))
    return *found;
  Tensor made = make_state({}, wanted.initial, kFloat64, loc);
  state_->names->name(made, state_->kept[0].parameter, numbered(wanted.name, state_->ages.size() - 1));
  return age.scalars.insert(wanted.name, made);
}

} // namespace tenon::optim
