// A call of a module with hooks. Gradients of inputs and outputs pass through functions of the frontend that call the backward hooks.
#include "frontend/nn/hooks.h"
#include "frontend/nn/module.h"
#include "frontend/tensor/record.h"

namespace tenon::nn::detail {

/// Shared by the two places where gradients are seen: behind the module and, later, before it.
struct HookedCall::Backward {
  std::shared_ptr<Module> keep; // null: not held by a shared pointer
  Module *module;
  std::shared_ptr<Hooks> hooks;
  std::vector<size_t> places; // of the inputs that require grad
  size_t inputs;
  TensorList outputs; // their gradients
  TensorList standins; // of the inputs, in the body of a loop or branch

  TensorList call(const TensorList &gradients) {
    TensorList all(inputs);
    for (size_t i = 0; i < places.size(); ++i)
      all[places[i]] = gradients[i];
    auto now = hooks->backward; // a hook may remove itself
    for (auto &[number, hook] : now)
      if (auto replaced = hook(*module, all, outputs)) {
        if (replaced->size() != inputs)
          throw Error("backward hook of " + module->name() + ": expected " + std::to_string(inputs) + " gradients of inputs, came " + std::to_string(replaced->size()));
        all = *replaced;
      }
    TensorList result;
    for (size_t place : places)
      result.push_back(all[place]);
    return result;
  }
};

HookedCall::HookedCall(Module &module, std::shared_ptr<Hooks> hooks, Location loc) : module_(module), hooks_(std::move(hooks)), loc_(loc) {}

TensorList HookedCall::enter(TensorList inputs) {
  auto now = *hooks_;
  for (auto &[number, hook] : now.pre)
    if (auto replaced = hook(module_, inputs)) {
      if (replaced->size() != inputs.size())
        throw Error("forward pre-hook of " + module_.name() + ": expected " + std::to_string(inputs.size()) + " inputs, came " + std::to_string(replaced->size()), loc_);
      inputs = *replaced;
    }
  if (!hooks_->backward.empty() && GradMode::is_enabled()) {
    backward_ = std::make_shared<Backward>(Backward{module_.weak_from_this().lock(), &module_, hooks_, {}, inputs.size(), {}});
    TensorList seen;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].defined() && inputs[i].requires_grad()) {
        backward_->places.push_back(i);
        seen.push_back(inputs[i]);
      }
    if (!seen.empty() && tenon::detail::recording_body()) {
      seen = backward_->standins = tenon::detail::begin_around(seen, loc_);
    } else if (!seen.empty()) {
      tenon::detail::FunctionEnd end;
      end.name = "backward hook";
      end.zeros = false;
      end.backward = [b = backward_](const TensorList &gradients, const TensorList &) { return b->call(gradients); };
      seen = tenon::detail::finish_function(seen, seen, std::move(end), loc_);
    }
    for (size_t i = 0; i < seen.size(); ++i)
      inputs[backward_->places[i]] = seen[i];
  }
  inputs_ = inputs;
  return inputs;
}

TensorList HookedCall::leave(TensorList outputs) {
  auto now = hooks_->forward;
  for (auto &[number, hook] : now)
    if (auto replaced = hook(module_, inputs_, outputs)) {
      if (replaced->size() != outputs.size())
        throw Error("forward hook of " + module_.name() + ": expected " + std::to_string(outputs.size()) + " outputs, came " + std::to_string(replaced->size()), loc_);
      outputs = *replaced;
    }
  if (!backward_)
    return outputs;
  std::vector<size_t> places;
  TensorList seen;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].defined() && outputs[i].requires_grad()) {
      places.push_back(i);
      seen.push_back(outputs[i]);
    }
  if (seen.empty())
    return outputs;
  auto keep = [b = backward_, places, n = outputs.size()](const TensorList &gradients) {
    b->outputs.assign(n, Tensor());
    for (size_t i = 0; i < places.size(); ++i)
      b->outputs[places[i]] = gradients[i];
  };
  if (!backward_->standins.empty()) {
    auto hook = [&](const TensorList &of_inputs, const TensorList &of_outputs) {
      keep(of_outputs);
      return backward_->call(of_inputs);
    };
    seen = tenon::detail::end_around(backward_->standins, seen, hook, loc_);
  } else {
    tenon::detail::FunctionEnd end;
    end.name = "backward hook";
    end.zeros = false;
    end.backward = [b = backward_, keep](const TensorList &gradients, const TensorList &) {
      keep(gradients);
      if (b->places.empty()) // no gradient leaves the module
        b->call({});
      return gradients;
    };
    seen = tenon::detail::finish_function(seen, seen, std::move(end), loc_);
  }
  for (size_t i = 0; i < places.size(); ++i)
    outputs[places[i]] = seen[i];
  return outputs;
}

} // namespace tenon::nn::detail
