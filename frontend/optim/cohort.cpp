// An update as one op over lists of tensors.
#include "frontend/optim/cohort.h"
#include "frontend/tensor/record.h"

namespace tenon::optim {

Tensor Cohort::scalar(double value) const { return record::host_number(value, kFloat64, loc_); }

void Cohort::apply(const TensorList &shared, const Body &body) {
  TensorList converted;
  for (const Tensor &number : shared)
    converted.push_back(record::cast(number, lists_[0][0].scalar_type(), loc_));
  std::vector<TensorList> updated = record::foreach(converted, lists_, body, loc_);
  for (size_t list = 0; list < updated.size(); ++list)
    for (size_t i = 0; i < updated[list].size(); ++i)
      record::assign("step", lists_[list][i], updated[list][i], loc_);
}

} // namespace tenon::optim
