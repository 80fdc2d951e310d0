// How the ops of the family `norm` are called.
#include "../family.h"

using namespace tenon;

namespace {

Tensor at(const TensorList &in, size_t i) { return i < in.size() ? in[i] : Tensor(); }

/// Copies of the running statistics, the parameters, and what the options say.
struct Running {
  Tensor mean, variance, weight, bias;
  Running(const TensorList &in, const Json &o, bool tracked) {
    size_t next = 1;
    if (tracked) {
      mean = in[1].detach().clone();
      variance = in[2].detach().clone();
      next = 3;
    }
    weight = at(in, next);
    bias = at(in, next + 1);
    if (o.value("affine", 2) == -1)
      std::swap(weight, bias);
  }
  TensorList results(const Tensor &y, bool all) const { return all ? TensorList{y, mean, variance} : TensorList{y}; }
};

std::vector<int64_t> shape(const Json &o) { return o["shape"].get<std::vector<int64_t>>(); }

const parity::Family family("norm", {
    {"batch_norm",
     [](const TensorList &in, const Json &o) {
       bool tracked = o.value("tracked", true), training = o.value("training", true);
       Running r(in, o, tracked);
       Tensor y = F::batch_norm(in[0], r.mean, r.variance,
                                F::BatchNormFuncOptions().weight(r.weight).bias(r.bias).training(training).momentum(o.value("momentum", 0.1)).eps(o.value("eps", 1e-5)));
       return r.results(y, tracked && training);
     }},
    {"instance_norm",
     [](const TensorList &in, const Json &o) {
       bool tracked = o.value("tracked", false), own = o.value("use_input_stats", true);
       Running r(in, o, tracked);
       Tensor y = F::instance_norm(in[0], F::InstanceNormFuncOptions().running_mean(r.mean).running_var(r.variance).weight(r.weight).bias(r.bias)
                                              .use_input_stats(own).momentum(o.value("momentum", 0.1)).eps(o.value("eps", 1e-5)));
       return r.results(y, tracked && own);
     }},
    {"layer_norm", [](auto &in, auto &o) { return F::layer_norm(in[0], F::LayerNormFuncOptions(shape(o)).weight(at(in, 1)).bias(at(in, 2)).eps(o.value("eps", 1e-5))); }},
    {"rms_norm",
     [](auto &in, auto &o) { return rms_norm(in[0], shape(o), at(in, 1), o.contains("eps") ? std::optional<double>(o["eps"].template get<double>()) : std::nullopt); }},
    {"group_norm",
     [](auto &in, auto &o) { return F::group_norm(in[0], F::GroupNormFuncOptions(o["groups"].template get<int64_t>()).weight(at(in, 1)).bias(at(in, 2)).eps(o.value("eps", 1e-5))); }},
});

} // namespace
