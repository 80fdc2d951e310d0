// Normalisation as layers. Running statistics are buffers: state that a step in train mode writes.
#pragma once
#include <tenon/functional/norm.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {
namespace detail {

/// What batch and instance normalisation share: parameters, running_mean, running_var and num_batches_tracked.
class RunningNorm : public Module {
public:
  using Module::Module;

protected:
  struct Settings {
    int64_t num_features;
    std::optional<double> momentum;
    bool affine, track_running_stats;
  };
  void make(const Settings &settings);
  void fill();
  /// What this batch counts in the running statistics; counts the batch.
  Tensor factor(const std::optional<double> &momentum, const Tensor &x, Location loc) const;
  void expect_input(const Tensor &x, int64_t low, int64_t high, int64_t num_features, int64_t channel, Location loc) const;
  void print(std::ostream &stream, const char *name, double eps, const Settings &settings) const;

public:
  Tensor weight, bias, running_mean, running_var, num_batches_tracked;
  /// Statistics of no batch: mean 0, variance 1, count 0.
  void reset_running_stats();
  /// These, and weight 1, bias 0.
  void reset_parameters() { fill(); }
};

/// As Cloneable, over another base.
template <typename Derived, typename Options, bool instance, int64_t D> class RunningNormImpl : public Cloneable<Derived, RunningNorm> {
public:
  explicit RunningNormImpl(const Options &options) : RunningNormImpl::Cloneable(std::string(Derived::class_name)), options(options) { RunningNormImpl::reset(); }
  explicit RunningNormImpl(int64_t num_features) : RunningNormImpl(Options(num_features)) {}
  void reset() override { this->make(settings()); }

  /// [N, C, ...] of D + 2 dimensions; one less: BatchNorm1d [N, C], InstanceNorm without a batch [C, ...].
  Tensor forward(const Tensor &x, Location loc = Location::current()) const {
    constexpr int64_t lowest = instance || D == 1 ? D + 1 : D + 2;
    bool single = instance && x.defined() && x.dim() == D + 1;
    this->expect_input(x, lowest, D + 2, options.num_features(), single ? 0 : 1, loc);
    bool train = this->is_training(), own = train || !this->running_mean.defined();
    bool update = train && this->running_mean.defined();
    Tensor f = update ? this->factor(options.momentum(), x, loc) : Tensor();
    Tensor mean = own && !update ? Tensor() : this->running_mean, variance = own && !update ? Tensor() : this->running_var;
    if constexpr (!instance)
      return tenon::detail::batch_norm(x, this->weight, this->bias, mean, variance, own, f, options.eps(), loc);
    Tensor y = tenon::detail::instance_norm(single ? x.unsqueeze(0, loc) : x, this->weight, this->bias, mean, variance, own, f, options.eps(), loc);
    return single ? y.squeeze(0, loc) : y;
  }
  void pretty_print(std::ostream &stream) const override { this->print(stream, this->name().c_str(), options.eps(), settings()); }

  Options options;

private:
  RunningNorm::Settings settings() const { return {options.num_features(), options.momentum(), options.affine(), options.track_running_stats()}; }
};

} // namespace detail

#define TENON_RUNNING_NORM(Name, Options, instance, D)                                                                                     \
  class Name##Impl : public detail::RunningNormImpl<Name##Impl, Options, instance, D> {                                                    \
  public:                                                                                                                                  \
    using RunningNormImpl::RunningNormImpl;                                                                                                \
    static constexpr const char *class_name = #Name;                                                                                       \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_RUNNING_NORM(BatchNorm1d, BatchNormOptions, false, 1);
TENON_RUNNING_NORM(BatchNorm2d, BatchNormOptions, false, 2);
TENON_RUNNING_NORM(BatchNorm3d, BatchNormOptions, false, 3);
TENON_RUNNING_NORM(InstanceNorm1d, InstanceNormOptions, true, 1);
TENON_RUNNING_NORM(InstanceNorm2d, InstanceNormOptions, true, 2);
TENON_RUNNING_NORM(InstanceNorm3d, InstanceNormOptions, true, 3);
#undef TENON_RUNNING_NORM

/// The last dimensions together: weight [normalized_shape] starts at 1, bias at 0.
class LayerNormImpl : public Cloneable<LayerNormImpl> {
public:
  explicit LayerNormImpl(std::vector<int64_t> normalized_shape) : LayerNormImpl(LayerNormOptions(std::move(normalized_shape))) {}
  explicit LayerNormImpl(const LayerNormOptions &options);
  void reset() override;
  void reset_parameters();
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return layer_norm(x, options.normalized_shape(), weight, bias, options.eps(), false, loc); }
  void pretty_print(std::ostream &stream) const override;

  LayerNormOptions options;
  Tensor weight, bias;
};
TENON_MODULE(LayerNorm);

class RMSNormImpl : public Cloneable<RMSNormImpl> {
public:
  explicit RMSNormImpl(std::vector<int64_t> normalized_shape) : RMSNormImpl(RMSNormOptions(std::move(normalized_shape))) {}
  explicit RMSNormImpl(const RMSNormOptions &options);
  void reset() override;
  void reset_parameters();
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return rms_norm(x, options.normalized_shape(), weight, options.eps(), loc); }
  void pretty_print(std::ostream &stream) const override;

  RMSNormOptions options;
  Tensor weight;
};
TENON_MODULE(RMSNorm);

/// Groups of channels of every sample: weight [C] starts at 1, bias at 0.
class GroupNormImpl : public Cloneable<GroupNormImpl> {
public:
  GroupNormImpl(int64_t num_groups, int64_t num_channels) : GroupNormImpl(GroupNormOptions(num_groups, num_channels)) {}
  explicit GroupNormImpl(const GroupNormOptions &options);
  void reset() override;
  void reset_parameters();
  Tensor forward(const Tensor &x, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  GroupNormOptions options;
  Tensor weight, bias;
};
TENON_MODULE(GroupNorm);

} // namespace tenon::nn
