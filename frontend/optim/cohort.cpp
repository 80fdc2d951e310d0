// An update as one op over lists of tensors.
#include "frontend/optim/cohort.h"
#include "frontend/tensor/record.h"

namespace tenon {

detail::Value detail::pow(double base, const Value &exponent) {
  Tensor number = record::host_number(base, exponent.tensor.scalar_type(), exponent.line);
  return {number.pow(exponent), exponent.line};
}

namespace optim {

/// bfloat16 and float16 are for storage: the update is computed in float32 and rounded once.
Dtype Cohort::computed() const { return opmath_type(lists_[0][0].scalar_type()); }

void Cohort::set_scalar(size_t i, const Value &value) {
  record::assign("step", scalars_[i], value.tensor, loc_);
}

Values Cohort::elements(size_t i) const {
  Values result;
  for (const TensorList &list : lists_)
    result.push_back({list[i].defined() ? record::cast(list[i], computed(), loc_) : Tensor(), loc_});
  if (options_.maximizes())
    result.back() = -result.back();
  return result;
}

void Cohort::assign(size_t i, const Values &next) {
  for (size_t list = 0; list < next.size(); ++list)
    if (lists_[list][i].defined())
      record::assign("step", lists_[list][i], record::cast(next[list].tensor, lists_[list][i].scalar_type(), loc_), loc_);
}

void Cohort::apply(const Values &shared, const Body &body) {
  Dtype stored = lists_[0][0].scalar_type(), computed = this->computed();
  TensorList converted;
  for (const Value &value : shared)
    converted.push_back(record::cast(value.tensor, computed, loc_));
  auto values = [&](const TensorList &tensors) {
    Values result;
    for (const Tensor &tensor : tensors)
      result.push_back({record::cast(tensor, computed, loc_), loc_});
    return result;
  };
  auto recorded = [&](const TensorList &shared_elements, const TensorList &elements) {
    TensorList updated;
    Values x = values(elements);
    if (options_.maximizes())
      x.back() = -x.back();
    for (const Value &value : body(values(shared_elements), x))
      updated.push_back(record::cast(value.tensor, stored, loc_));
    return updated;
  };
  record::foreach ("step", converted, lists_, recorded, loc_);
}

} // namespace optim
} // namespace tenon
