// How schedules are stepped: on the host between steps, and as ops inside a compiled one; both compute in float64.
#include "frontend/optim/lr_scheduler.h"
#include "frontend/optim/cohort.h"
#include "frontend/optim/names.h"
#include "frontend/tensor/record.h"

#include <cmath>
#include <limits>

namespace tenon::optim {
namespace {

int64_t &number_in(const Tensor &epoch, Location loc) {
  return *epoch.mutable_data_ptr<int64_t>(loc);
}

Tensor make_epoch(Optimizer &optimizer, Location loc) {
  record::OutsideCapture outside;
  Tensor epoch = empty({}, kInt64, loc);
  number_in(epoch, loc) = 0;
  if (std::vector<Tensor> parameters = optimizer.parameters(); !parameters.empty())
    StateNames::make("scheduler")->name(epoch, parameters[0], "last_epoch");
  return epoch;
}

void insert_all(OrderedDict<std::string, Tensor> &into, const OrderedDict<std::string, Tensor> &from, size_t number) {
  for (const auto &item : from)
    into.insert(std::to_string(number) + "/" + item.key(), item.value());
}

} // namespace

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

void LRScheduler::load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc) {
  OrderedDict<std::string, Tensor> mine = state_dict();
  for (const auto &item : mine)
    if (!state.contains(item.key()))
      throw Error("load_state_dict of a scheduler: missing " + item.key(), loc);
  for (const auto &item : state)
    if (!mine.contains(item.key()))
      throw Error("load_state_dict of a scheduler: unexpected " + item.key(), loc);
  for (const auto &item : mine)
    number_in(item.value(), loc) = state[item.key()].item<int64_t>(loc);
}

// -- Formulas --

FormulaLR::FormulaLR(Optimizer &optimizer, Location loc) : LRScheduler(optimizer), last_epoch_(make_epoch(optimizer, loc)) {
  for (OptimizerParamGroup &group : optimizer.param_groups())
    group.options().initial_lr(loc);
}

void FormulaLR::start(Location loc) {
  if (moves_momentum())
    for (OptimizerParamGroup &group : optimizer_.param_groups())
      if (!group.options().momentum_number())
        throw Error("scheduler: the optimizer has no momentum to cycle: cycle_momentum(false)", loc);
  write(0, false, loc);
}

void FormulaLR::write(int64_t epoch, bool restart, Location loc) {
  number_in(last_epoch_, loc) = epoch;
  std::vector<OptimizerParamGroup> &groups = optimizer_.param_groups();
  for (size_t i = 0; i < groups.size(); ++i) {
    OptimizerOptions &options = groups[i].options();
    options.set_lr(next(static_cast<double>(epoch), restart ? options.initial_lr(loc) : options.get_lr(loc), i), loc);
    if (moves_momentum())
      options.set_momentum(next_momentum(static_cast<double>(epoch), i), loc);
  }
}

void FormulaLR::step(Location loc) {
  if (record::is_capturing())
    trace({}, {}, loc);
  else
    write(number_in(last_epoch_, loc) + 1, false, loc);
}

void FormulaLR::trace(const Tensor &active, const Tensor &restart, Location loc) {
  NoGradGuard no_grad;
  auto where_active = [&](const Tensor &yes, const Tensor &no) { return active.defined() ? where(active, {yes, loc}, {no, loc}) : yes; };
  Tensor epoch = last_epoch_.add({1, loc});
  if (restart.defined())
    epoch = where(restart, {0, loc}, {epoch, loc});
  last_epoch_.copy_(where_active(epoch, last_epoch_), false, loc);
  Value now{epoch.to(kFloat64, loc), loc};
  std::vector<OptimizerParamGroup> &groups = optimizer_.param_groups();
  for (size_t i = 0; i < groups.size(); ++i) {
    OptimizerOptions &options = groups[i].options();
    const Tensor &lr = options.lr_state();
    Value from{restart.defined() ? where(restart, {options.initial_lr(loc), loc}, {lr, loc}) : lr, loc};
    lr.copy_(where_active(next(now, from, i).tensor, lr), false, loc);
    if (const Tensor &momentum = options.momentum_state(); moves_momentum())
      momentum.copy_(where_active(next_momentum(now, i).tensor, momentum), false, loc);
  }
}

OrderedDict<std::string, Tensor> FormulaLR::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  state.insert("last_epoch", last_epoch_);
  return state;
}

// -- Functions of the program --

LambdaLR::LambdaLR(Optimizer &optimizer, std::vector<Lambda> lambdas, Location loc)
    : LRScheduler(optimizer), lambdas_(std::move(lambdas)), last_epoch_(make_epoch(optimizer, loc)) {
  if (lambdas_.size() != optimizer.param_groups().size())
    throw Error("LambdaLR: expected a function per group (" + std::to_string(optimizer.param_groups().size()) + "), came " +
                    std::to_string(lambdas_.size()),
                loc);
  std::vector<OptimizerParamGroup> &groups = optimizer.param_groups();
  for (size_t i = 0; i < groups.size(); ++i)
    groups[i].options().set_lr(groups[i].options().initial_lr(loc) * lambdas_[i](0), loc);
}

std::vector<double> LambdaLR::get_lrs() {
  if (record::is_capturing())
    throw Error("LambdaLR: a function of the program cannot be a part of a compiled step: step it between calls");
  int64_t epoch = ++number_in(last_epoch_, {});
  std::vector<double> rates;
  for (size_t i = 0; i < lambdas_.size(); ++i)
    rates.push_back(optimizer_.param_groups()[i].options().initial_lr() * lambdas_[i](epoch));
  return rates;
}

OrderedDict<std::string, Tensor> LambdaLR::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  state.insert("last_epoch", last_epoch_);
  return state;
}

MultiplicativeLR::MultiplicativeLR(Optimizer &optimizer, Lambda lambda, Location loc)
    : LambdaLR(optimizer, [](int64_t) { return 1.0; }, loc) {
  lambdas_.assign(lambdas_.size(), lambda);
}

std::vector<double> MultiplicativeLR::get_lrs() {
  std::vector<double> now = get_current_lrs(), rates = LambdaLR::get_lrs();
  for (size_t i = 0; i < rates.size(); ++i)
    rates[i] = now[i] * lambdas_[i](number_in(last_epoch_, {}));
  return rates;
}

// -- Schedules of schedules --

ChainedScheduler::ChainedScheduler(std::vector<std::shared_ptr<LRScheduler>> schedulers, Location loc)
    : LRScheduler(schedulers.empty() ? throw Error("ChainedScheduler: expected at least one scheduler", loc) : schedulers[0]->optimizer()),
      schedulers_(std::move(schedulers)) {
  for (const auto &s : schedulers_)
    if (&s->optimizer() != &optimizer_)
      throw Error("ChainedScheduler: the schedulers belong to different optimizers", loc);
}
void ChainedScheduler::step(Location loc) {
  for (const auto &s : schedulers_)
    s->step(loc);
}
OrderedDict<std::string, Tensor> ChainedScheduler::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  for (size_t i = 0; i < schedulers_.size(); ++i)
    insert_all(state, schedulers_[i]->state_dict(), i);
  return state;
}

SequentialLR::SequentialLR(Optimizer &optimizer, std::vector<std::shared_ptr<FormulaLR>> schedulers, std::vector<int64_t> milestones,
                           Location loc)
    : LRScheduler(optimizer), schedulers_(std::move(schedulers)), milestones_(std::move(milestones)),
      last_epoch_(make_epoch(optimizer, loc)) {
  if (schedulers_.empty() || milestones_.size() + 1 != schedulers_.size())
    throw Error("SequentialLR: expected one milestone less than schedulers, came " + std::to_string(milestones_.size()) + " and " +
                    std::to_string(schedulers_.size()),
                loc);
  for (size_t i = 0; i < milestones_.size(); ++i)
    if (milestones_[i] <= (i ? milestones_[i - 1] : 0))
      throw Error("SequentialLR: expected milestones above 0 that rise, came " + std::to_string(milestones_[i]), loc);
  for (const auto &s : schedulers_)
    if (&s->optimizer() != &optimizer)
      throw Error("SequentialLR: the schedulers belong to different optimizers", loc);
  schedulers_[0]->write(0, /*restart=*/true, loc);
}

void SequentialLR::step(Location loc) {
  if (!record::is_capturing()) {
    int64_t now = ++number_in(last_epoch_, loc);
    size_t k = std::upper_bound(milestones_.begin(), milestones_.end(), now) - milestones_.begin();
    if (k > 0 && milestones_[k - 1] == now)
      schedulers_[k]->write(0, true, loc);
    else
      schedulers_[k]->step(loc);
    return;
  }
  NoGradGuard no_grad;
  last_epoch_.add_({1, loc});
  Tensor now = last_epoch_.add({0, loc});
  for (size_t k = 0; k < schedulers_.size(); ++k) {
    int64_t from = k ? milestones_[k - 1] : 0, to = k < milestones_.size() ? milestones_[k] : std::numeric_limits<int64_t>::max();
    Tensor active = now.ge({from, loc}).logical_and({now.lt({to, loc}), loc});
    schedulers_[k]->trace(active, k ? now.eq({from, loc}) : Tensor(), loc);
  }
}

OrderedDict<std::string, Tensor> SequentialLR::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  state.insert("last_epoch", last_epoch_);
  for (size_t i = 0; i < schedulers_.size(); ++i)
    insert_all(state, schedulers_[i]->state_dict(), i);
  return state;
}

// -- Plateaus --

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer &optimizer, ReduceLROnPlateauOptions options, Location loc)
    : optimizer_(optimizer), options_(std::move(options)) {
  detail::expect(options_.factor() < 1 && options_.factor() >= 0, "ReduceLROnPlateau", "factor", options_.factor(), "in [0, 1)", loc);
  if (options_.mode() != "min" && options_.mode() != "max")
    throw Error("ReduceLROnPlateau: mode is \"" + options_.mode() + "\", expected \"min\" or \"max\"", loc);
  if (options_.threshold_mode() != "rel" && options_.threshold_mode() != "abs")
    throw Error("ReduceLROnPlateau: threshold_mode is \"" + options_.threshold_mode() + "\", expected \"rel\" or \"abs\"", loc);
  best_ = (options_.mode() == "min" ? 1 : -1) * std::numeric_limits<double>::infinity();
}

void ReduceLROnPlateau::step(double metric, Location loc) {
  if (record::is_capturing())
    throw Error("ReduceLROnPlateau: it decides by a number of the host: step it between calls of the compiled function", loc);
  bool least = options_.mode() == "min", relative = options_.threshold_mode() == "rel";
  double t = options_.threshold(), bound = relative ? best_ * (least ? 1 - t : 1 + t) : best_ + (least ? -t : t);
  if (least ? metric < bound : metric > bound) {
    best_ = metric;
    bad_ = 0;
  } else {
    ++bad_;
  }
  if (cooling_ > 0) {
    --cooling_;
    bad_ = 0;
  }
  if (bad_ <= options_.patience())
    return;
  for (OptimizerParamGroup &group : optimizer_.param_groups()) {
    double before = group.options().get_lr(loc), after = std::max(before * options_.factor(), options_.min_lr());
    if (before - after > options_.eps())
      group.options().set_lr(after, loc);
  }
  cooling_ = options_.cooldown();
  bad_ = 0;
}

OrderedDict<std::string, Tensor> ReduceLROnPlateau::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  state.insert("best", full({}, best_, kFloat64));
  state.insert("num_bad_epochs", full({}, bad_, kLong));
  state.insert("cooldown_counter", full({}, cooling_, kLong));
  return state;
}
void ReduceLROnPlateau::load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc) {
  for (const char *name : {"best", "num_bad_epochs", "cooldown_counter"})
    if (!state.contains(name))
      throw Error(std::string("load_state_dict of a scheduler: missing ") + name, loc);
  best_ = state["best"].item<double>(loc);
  bad_ = state["num_bad_epochs"].item<int64_t>(loc);
  cooling_ = state["cooldown_counter"].item<int64_t>(loc);
}

} // namespace tenon::optim
