// AveragedModel: a copy of a model whose weights are an average of the model's over the steps; SWALR is among the schedulers.
#pragma once
#include <tenon/nn/holder.h>
#include <tenon/nn/norm.h>

#include <optional>
#include <vector>

namespace tenon::optim::swa_utils {

/// averaged = current at the first call (n = 0); then averaged + (current - averaged) w with w = 1 - decay, or 1 / (n + 1) without a decay;
/// n += 1. All of it is state: it may be a part of a compiled step.
void update_average(const TensorList &averaged, const TensorList &current, const Tensor &n, std::optional<double> decay,
                    Location loc = Location::current());

/// `AveragedModel<Net> ema(net, 0.999)`: call update_parameters(net) after each step, then use ema.module(). With use_buffers the buffers
/// are averaged too, otherwise copied. Throws Error unless 0 <= decay <= 1.
template <typename Holder> class AveragedModel {
public:
  using Contained = typename Holder::ContainedType;
  explicit AveragedModel(const Holder &model, std::optional<double> ema_decay = std::nullopt, bool use_buffers = false,
                         Location loc = Location::current())
      : module_(std::static_pointer_cast<Contained>(model->clone())), decay_(ema_decay), use_buffers_(use_buffers),
        n_averaged_(zeros({}, kLong, loc)) {
    if (decay_ && !(*decay_ >= 0 && *decay_ <= 1))
      throw Error("AveragedModel: expected a decay in [0, 1], came " + std::to_string(*decay_), loc);
    n_averaged_.data_ptr(loc); // in memory: it is no part of any step
  }
  void update_parameters(const Holder &model, Location loc = Location::current()) {
    TensorList mine = module_->parameters(), theirs = model->parameters(), kept = module_->buffers(), now = model->buffers();
    if (use_buffers_) {
      mine.insert(mine.end(), kept.begin(), kept.end());
      theirs.insert(theirs.end(), now.begin(), now.end());
    } else {
      NoGradGuard no_grad;
      for (size_t i = 0; i < kept.size(); ++i)
        kept[i].copy_(now[i], false, loc);
    }
    update_average(mine, theirs, n_averaged_, decay_, loc);
  }
  Holder &module() { return module_; }
  /// The calls so far, rank-0 int64.
  const Tensor &n_averaged() const { return n_averaged_; }
  template <typename... Args> auto operator()(Args &&...args) { return module_->forward(std::forward<Args>(args)...); }

private:
  Holder module_;
  std::optional<double> decay_;
  bool use_buffers_;
  Tensor n_averaged_;
};

/// Running statistics for averaged weights: every BatchNorm of the model begins anew and takes the mean over all batches of `loader` (tensors, or examples with `.data`),
/// which go forward without gradients. Mode and momentum are as before afterwards.
template <typename Loader, typename Holder> void update_bn(Loader &&loader, Holder &model) {
  std::vector<std::pair<nn::Module *, std::optional<double>>> before;
  auto each = [&](auto visit) {
    for (auto &module : model->modules()) {
      if (auto *bn = module->template as<nn::BatchNorm1d>())
        visit(*bn);
      else if (auto *bn = module->template as<nn::BatchNorm2d>())
        visit(*bn);
      else if (auto *bn = module->template as<nn::BatchNorm3d>())
        visit(*bn);
    }
  };
  each([&](auto &bn) {
    before.push_back({&bn, bn.options.momentum()});
    bn.reset_running_stats();
    bn.options.momentum(std::nullopt);
  });
  if (before.empty())
    return;
  bool training = model->is_training();
  model->train();
  NoGradGuard no_grad;
  for (auto &batch : loader)
    if constexpr (requires { batch.data.sizes(); })
      (void)model->forward(batch.data);
    else
      (void)model->forward(batch);
  std::size_t i = 0;
  each([&](auto &bn) { bn.options.momentum(before[i++].second); });
  model->train(training);
}

} // namespace tenon::optim::swa_utils
