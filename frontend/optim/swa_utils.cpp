// The average of weights.
#include "frontend/optim/swa_utils.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

namespace tenon::optim::swa_utils {

void update_average(const TensorList &averaged, const TensorList &current, const Tensor &n, std::optional<double> decay, Location loc) {
  using tenon::detail::Value;
  NoGradGuard no_grad;
  if (averaged.size() != current.size())
    throw Error("AveragedModel: the models have " + std::to_string(averaged.size()) + " and " + std::to_string(current.size()) +
                    " parameters",
                loc);
  Value count{n.to(kFloat64, loc), loc}, first = count == 0.0;
  Value weight = decay ? where(first, 1.0, count * 0.0 + (1 - *decay)) : 1.0 / (count + 1.0);
  for (size_t i = 0; i < averaged.size(); ++i) {
    Value a{averaged[i], loc}, p{current[i].detach(loc), loc};
    if (averaged[i].is_floating_point())
      averaged[i].copy_(where(first, p, a + (p - a) * number(weight, a)).tensor, false, loc);
    else
      averaged[i].copy_(current[i], false, loc);
  }
  n.add_({1, loc});
}

} // namespace tenon::optim::swa_utils
