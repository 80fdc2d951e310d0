// What is done to gradients and parameters between backward() and step(); all of it may be a part of a compiled step.
#pragma once
#include <tenon/tensor/tensor.h>

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

} // namespace tenon::nn::utils
