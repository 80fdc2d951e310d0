// An update as one op over lists of tensors.
#include "frontend/optim/cohort.h"
#include "frontend/tensor/record.h"

namespace tenon::optim {

Value pow(double base, const Value &exponent) {
  Tensor number = record::host_number(base, exponent.tensor.scalar_type(), exponent.line);
  return {number.pow(exponent), exponent.line};
}

void Cohort::apply(const Values &shared, const Body &body) {
  TensorList converted;
  for (const Value &value : shared)
    converted.push_back(record::cast(value.tensor, lists_[0][0].scalar_type(), loc_));
  auto with_line = [&](const TensorList &tensors) {
    Values values;
    for (const Tensor &tensor : tensors)
      values.push_back({tensor, loc_});
    return values;
  };
  auto recorded = [&](const TensorList &shared_elements, const TensorList &elements) {
    TensorList updated;
    for (Value &value : body(with_line(shared_elements), with_line(elements)))
      updated.push_back(std::move(value.tensor));
    return updated;
  };
  std::vector<TensorList> updated = record::foreach(converted, lists_, recorded, loc_);
  for (size_t list = 0; list < updated.size(); ++list)
    for (size_t i = 0; i < updated[list].size(); ++i)
      record::assign("step", lists_[list][i], updated[list][i], loc_);
}

} // namespace tenon::optim
