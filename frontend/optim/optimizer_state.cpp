// Saving and loading an optimizer.
#include "frontend/optim/optimizer_state.h"

#include <map>

namespace tenon::optim {

OrderedDict<std::string, Tensor> Optimizer::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  for (size_t g = 0; g < groups_.size(); ++g) {
    state.insert(numbered("lr", g), groups_[g].options().lr_state());
    if (const Tensor &momentum = groups_[g].options().momentum_state(); momentum.defined())
      state.insert(numbered("momentum", g), momentum);
  }
  for (size_t n = 0; n < state_->kept.size(); ++n) {
    const Kept &kept = state_->kept[n];
    std::string number = "/" + std::to_string(n);
    if (kept.step.defined())
      state.insert("step" + number, kept.step);
    if (kept.step.defined())
      for (const auto &item : state_->age(kept.step).scalars)
        state.insert(item.key() + number, item.value());
    for (const auto &item : kept.moments)
      state.insert(item.key() + number, item.value());
  }
  return state;
}

void Optimizer::load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc) {
  std::string wrong;
  std::map<double, Tensor> counters; // parameters of one age share one
  OrderedDict<std::string, std::pair<Shape, std::function<Tensor()>>> known("State");
  for (size_t g = 0; g < groups_.size(); ++g) {
    OptimizerOptions &options = groups_[g].options();
    known.insert(numbered("lr", g), {Shape(), [&options] { return options.lr_state(); }});
    if (options.momentum_number())
      known.insert(numbered("momentum", g), {Shape(), [&options, loc] {
                                               if (!options.momentum_state().defined())
                                                 options.set_momentum(*options.momentum_number(), loc); // makes the state
                                               return options.momentum_state();
                                             }});
  }
  for (const OptimizerParamGroup &group : groups_)
    for (const Tensor &parameter : group.params()) {
      size_t n = state_->number_of(parameter);
      std::string number = "/" + std::to_string(n);
      if (counts_steps(group.options()))
        known.insert("step" + number, {Shape(), [this, n, loc, &counters, &state] {
                                         double value = state["step/" + std::to_string(n)].item<double>(loc);
                                         auto [it, added] = counters.try_emplace(value);
                                         return state_->kept[n].step = added ? it->second = counter(value, loc) : it->second;
                                       }});
      for (const Moment &wanted : scalars(group.options()))
        known.insert(wanted.name + number, {Shape(), [this, n, wanted, loc] { return scalar(state_->kept[n].step, wanted, loc); }});
      for (const Moment &wanted : moments(group.options()))
        if (auto shape = wanted.shape_for(parameter))
          known.insert(wanted.name + number, {*shape, [this, n, wanted, loc] { return moment(n, wanted, loc); }});
    }
  for (const auto &item : state)
    if (const auto *entry = known.find(item.key()); !entry)
      wrong += "; unexpected " + item.key();
    else if (!(IntArrayRef(entry->first) == item->sizes()))
      wrong += "; " + item.key() + ": expected " + record::shape_text(entry->first) + ", came " + record::shape_text(item->sizes());
  for (size_t g = 0; g < groups_.size(); ++g)
    if (!state.contains(numbered("lr", g)))
      wrong += "; missing " + numbered("lr", g);
  if (!wrong.empty())
    throw Error("load_state_dict of an optimizer: " + wrong.substr(2), loc);
  NoGradGuard no_grad;
  for (bool steps : {true, false}) // ages first: other numbers belong to them
    for (const auto &item : state)
      if (item.key().starts_with("step/") == steps)
        known[item.key()].second().copy_(item.value(), false, loc);
}

} // namespace tenon::optim
