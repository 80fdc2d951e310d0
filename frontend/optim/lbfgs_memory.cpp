// What LBFGS remembers, as tensors: saved and loaded, so that a run that goes on is the run that never stopped.
#include "frontend/optim/lbfgs.h"
#include "frontend/tensor/record.h"

#include <algorithm>

namespace tenon::optim {
namespace {

using Vector = std::vector<double>;
constexpr const char *names[] = {"n_iter", "t", "H_diag", "d", "prev_flat_grad", "old_dirs", "old_stps", "ro"};

Tensor rows(const std::vector<Vector> &vectors) {
  Vector all;
  for (const Vector &v : vectors)
    all.insert(all.end(), v.begin(), v.end());
  int64_t count = static_cast<int64_t>(vectors.size());
  return tensor(all, kFloat64).view({count, count ? static_cast<int64_t>(all.size()) / count : 0});
}

} // namespace

OrderedDict<std::string, Tensor> LBFGS::state_dict() const {
  OrderedDict<std::string, Tensor> state = Optimizer::state_dict();
  if (iterations_ == 0)
    return state;
  state.insert("n_iter", full({}, iterations_, kLong));
  state.insert("t", full({}, t_, kFloat64));
  state.insert("H_diag", full({}, scale_, kFloat64));
  state.insert("d", tensor(d_, kFloat64));
  state.insert("prev_flat_grad", tensor(previous_gradient_, kFloat64));
  if (!steps_.empty()) {
    state.insert("old_dirs", rows(changes_));
    state.insert("old_stps", rows(steps_));
    state.insert("ro", tensor(ro_, kFloat64));
  }
  return state;
}

void LBFGS::load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc) {
  OrderedDict<std::string, Tensor> rest("State");
  for (const auto &item : state)
    if (std::find(std::begin(names), std::end(names), item.key()) == std::end(names))
      rest.insert(item.key(), item.value());
  bool any = rest.size() != state.size();
  int64_t elements = 0, remembered = 0;
  for (const Tensor &p : param_groups()[0].params())
    elements += p.numel();
  if (const Tensor *ro = state.find("ro"); ro && ro->dim() == 1)
    remembered = ro->size(0);
  std::string wrong;
  auto expect = [&](const char *name, Shape shape, Dtype dtype) {
    const Tensor *t = state.find(name);
    if (!t)
      wrong += std::string("; missing ") + name;
    else if (!(t->sizes() == IntArrayRef(shape)) || t->scalar_type() != dtype)
      wrong += std::string("; ") + name + ": expected " + tenon::name(dtype) + record::shape_text(shape) + ", came " + record::text(*t);
  };
  if (any) {
    expect("n_iter", {}, kLong);
    for (const char *name : {"t", "H_diag"})
      expect(name, {}, kFloat64);
    for (const char *name : {"d", "prev_flat_grad"})
      expect(name, {elements}, kFloat64);
  }
  if (state.contains("old_dirs") || state.contains("old_stps") || state.contains("ro")) {
    expect("ro", {remembered}, kFloat64);
    for (const char *name : {"old_dirs", "old_stps"})
      expect(name, {remembered, elements}, kFloat64);
  }
  if (!wrong.empty())
    throw Error("load_state_dict of an optimizer: " + wrong.substr(2), loc);
  Optimizer::load_state_dict(rest, loc);
  auto number = [&](const char *name) { return any ? state[name].item<double>(loc) : 0; };
  auto vectors = [&](const char *name, int64_t count) {
    std::vector<Vector> result;
    Tensor numbers = count ? state[name].cpu(loc) : Tensor();
    const double *data = count ? numbers.const_data_ptr<double>(loc) : nullptr;
    for (int64_t i = 0; i < count; ++i)
      result.emplace_back(data + i * elements, data + (i + 1) * elements);
    return result;
  };
  iterations_ = any ? state["n_iter"].item<int64_t>(loc) : 0;
  t_ = number("t");
  scale_ = any ? number("H_diag") : 1;
  d_ = any ? vectors("d", 1)[0] : Vector();
  previous_gradient_ = any ? vectors("prev_flat_grad", 1)[0] : Vector();
  changes_ = vectors("old_dirs", remembered);
  steps_ = vectors("old_stps", remembered);
  ro_.clear();
  for (int64_t i = 0; i < remembered; ++i)
    ro_.push_back(state["ro"][i].item<double>(loc));
}

} // namespace tenon::optim
