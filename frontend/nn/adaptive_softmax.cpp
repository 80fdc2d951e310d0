// AdaptiveLogSoftmaxWithLoss.
#include "frontend/tensor/recorder.h"
#include <tenon/nn/adaptive_softmax.h>

#include <cmath>

namespace tenon::nn {

AdaptiveLogSoftmaxWithLossImpl::AdaptiveLogSoftmaxWithLossImpl(AdaptiveLogSoftmaxWithLossOptions given) : options(std::move(given)) { AdaptiveLogSoftmaxWithLossImpl::reset(); }

void AdaptiveLogSoftmaxWithLossImpl::reset() {
  ends_ = options.cutoffs();
  ends_.push_back(options.n_classes());
  int64_t before = 0;
  for (int64_t end : ends_) {
    if (end <= before || options.cutoffs().empty())
      throw Error("AdaptiveLogSoftmaxWithLoss: expected cutoffs, at least one, ascending and between 1 and n_classes - 1 = " + std::to_string(options.n_classes() - 1));
    before = end;
  }
  int64_t clusters = int64_t(options.cutoffs().size());
  head = register_module("head", Linear(LinearOptions(options.in_features(), ends_[0] + clusters).bias(options.head_bias())));
  tail = register_module("tail", ModuleList());
  for (int64_t i = 0; i < clusters; ++i) {
    auto hidden = int64_t(std::floor(double(options.in_features()) / std::pow(options.div_value(), double(i + 1))));
    tail->push_back(Sequential(Linear(LinearOptions(options.in_features(), hidden).bias(false)), Linear(LinearOptions(hidden, ends_[size_t(i) + 1] - ends_[size_t(i)]).bias(false))));
  }
}

void AdaptiveLogSoftmaxWithLossImpl::reset_parameters() {
  head->reset_parameters();
  for (size_t i = 0; i < tail->size(); ++i)
    for (auto &linear : tail->ptr(i)->children())
      linear->as<Linear>()->reset_parameters();
}

Tensor AdaptiveLogSoftmaxWithLossImpl::log_prob(const Tensor &input, Location loc) const {
  if (input.dim() != 2 || input.size(1) != options.in_features())
    throw record::error("AdaptiveLogSoftmaxWithLoss", "expected [N, " + std::to_string(options.in_features()) + "], got " + record::text(input), loc);
  auto first = head->forward(input, loc).log_softmax(1, loc);
  TensorList parts{first.slice(1, 0, ends_[0], 1, loc)};
  for (size_t i = 0; i < tail->size(); ++i) {
    auto cluster = tail->at<Sequential>(i).forward(input, loc).log_softmax(1, loc);
    parts.push_back(cluster.add({first.slice(1, ends_[0] + int64_t(i), ends_[0] + int64_t(i) + 1, 1, loc), loc}));
  }
  return cat(parts, 1, loc);
}

ASMoutput AdaptiveLogSoftmaxWithLossImpl::forward(const Tensor &input, const Tensor &target, Location loc) const {
  bool batched = target.dim() == 1;
  if (target.dim() > 1 || input.dim() != target.dim() + 1 || (batched && input.size(0) != target.size(0)))
    throw record::error("AdaptiveLogSoftmaxWithLoss", "expected [N, in_features] and targets [N], or [in_features] and one target, got " + record::text(input) + " and " + record::text(target), loc);
  auto x = batched ? input : input.unsqueeze(0, loc);
  auto places = target.reshape({x.size(0), 1}, loc);
  auto output = log_prob(x, loc).gather(1, places, loc).squeeze(1, loc);
  auto loss = output.neg(loc).mean(std::nullopt, loc);
  return {batched ? output : output.squeeze(0, loc), loss};
}

Tensor AdaptiveLogSoftmaxWithLossImpl::predict(const Tensor &input, Location loc) const { return log_prob(input, loc).argmax(1, false, loc); }

} // namespace tenon::nn
