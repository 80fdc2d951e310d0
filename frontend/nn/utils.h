// What is done to gradients and parameters between backward() and step(), and parameters that are computed of others; all of it may be a part of a compiled step.
#pragma once
#include <tenon/nn/module.h>

namespace tenon::nn::utils {

/// Scales the gradients so that their norm, taken together, is at most max_norm; returns the norm before (LibTorch: a double; here a tensor
/// of one number, so that nothing has to run). norm_type: 2, 1, another positive number or infinity. Parameters without a gradient are left
/// out.
Tensor clip_grad_norm_(const TensorList &parameters, double max_norm, double norm_type = 2, Location loc = Location::current());
Tensor clip_grad_norm_(const Tensor &parameter, double max_norm, double norm_type = 2, Location loc = Location::current());
/// Holds every number of the gradients in [-clip_value, clip_value].
void clip_grad_value_(const TensorList &parameters, double clip_value, Location loc = Location::current());
void clip_grad_value_(const Tensor &parameter, double clip_value, Location loc = Location::current());

/// All numbers in one row, and back. Throws Error when there are too few or too many.
Tensor parameters_to_vector(const TensorList &parameters, Location loc = Location::current());
void vector_to_parameters(const Tensor &vector, const TensorList &parameters, Location loc = Location::current());

/// The norm of the tensors taken together; and gradients scaled so that a norm of `total_norm` becomes max_norm at most.
Tensor get_total_norm(const TensorList &tensors, double norm_type = 2, Location loc = Location::current());
void clip_grads_with_norm_(const TensorList &parameters, double max_norm, const Tensor &total_norm, Location loc = Location::current());

// -- Parameters that are computed of others, before every call of the module (`fc(x)`; its forward() alone does not), inside compile too, but not in the body of a loop or
// branch. `module`: a holder, a shared pointer, or a module itself. Call these before an optimizer or a compiled step takes the parameters. All throw Error where there is no such
// parameter, or where it is computed already. A module with such a parameter has no clone(). --

namespace detail {
void weight_norm(Module &module, const std::string &name, int64_t dim, Location loc);
void spectral_norm(Module &module, const std::string &name, int64_t n_power_iterations, double eps, std::optional<int64_t> dim, Location loc);
void remove(const char *function, Module &module, const std::string &name, Location loc);
template <class M> Module &module_of(M &module) {
  if constexpr (std::is_base_of_v<Module, M>)
    return module;
  else
    return *module;
}
} // namespace detail

/// weight = weight_g weight_v / |weight_v|: the norms over all dimensions but `dim`, or over all (-1), apart from the directions (Salimans and Kingma 2016). Parameters
/// weight_g and weight_v take weight's place.
template <class M> M weight_norm(M module, const std::string &name = "weight", int64_t dim = 0, Location loc = Location::current()) {
  detail::weight_norm(detail::module_of(module), name, dim, loc);
  return module;
}
/// weight = weight_orig over its largest singular value, that of the matrix with `dim` as rows (none: 0, of transposed convolutions 1), which n_power_iterations from
/// the buffers weight_u and weight_v of the call before approximate when training (Miyato et al. 2018).
template <class M>
M spectral_norm(M module, const std::string &name = "weight", int64_t n_power_iterations = 1, double eps = 1e-12, std::optional<int64_t> dim = std::nullopt,
                Location loc = Location::current()) {
  detail::spectral_norm(detail::module_of(module), name, n_power_iterations, eps, dim, loc);
  return module;
}
/// The parameter as it was last, a parameter again.
template <class M> M remove_weight_norm(M module, const std::string &name = "weight", Location loc = Location::current()) {
  detail::remove("weight_norm", detail::module_of(module), name, loc);
  return module;
}
template <class M> M remove_spectral_norm(M module, const std::string &name = "weight", Location loc = Location::current()) {
  detail::remove("spectral_norm", detail::module_of(module), name, loc);
  return module;
}

} // namespace tenon::nn::utils
