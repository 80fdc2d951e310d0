// What an optimizer keeps, by parameter and by age.
#pragma once
#include "frontend/optim/names.h"
#include "frontend/optim/optimizer.h"
#include "frontend/tensor/impl.h"
#include "frontend/tensor/record.h"

#include <algorithm>
#include <unordered_map>

namespace tenon::optim {

/// What is kept of one parameter. Parameters that took the same steps share their counter.
struct Kept {
  Tensor parameter, step;
  OrderedDict<std::string, Tensor> moments;
};
struct Age {
  Tensor step;
  OrderedDict<std::string, Tensor> scalars;
};
struct Optimizer::State {
  std::vector<Kept> kept;
  std::vector<Age> ages;
  size_t counters = 0;
  std::unordered_map<const void *, size_t> numbers; // by the parameter's identity
  std::shared_ptr<StateNames> names = StateNames::make("optimizer");

  size_t number_of(const Tensor &parameter) {
    const void *identity = tenon::detail::Access::impl(parameter).get();
    if (auto known = numbers.find(identity); known != numbers.end())
      return known->second;
    kept.push_back({parameter, {}, OrderedDict<std::string, Tensor>("Moment")});
    return numbers.emplace(identity, kept.size() - 1).first->second;
  }
  Age &age(const Tensor &step) {
    for (Age &age : ages)
      if (age.step.is_same(step))
        return age;
    ages.push_back({step, OrderedDict<std::string, Tensor>("Scalar")});
    return ages.back();
  }
  size_t users(const Tensor &step) const {
    return static_cast<size_t>(std::count_if(kept.begin(), kept.end(), [&](const Kept &k) { return k.step.is_same(step); }));
  }
};

inline std::string numbered(const std::string &name, size_t number) {
  return number ? name + "/" + std::to_string(number) : name;
}

} // namespace tenon::optim
