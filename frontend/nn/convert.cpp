// Module::to: parameters and buffers in another dtype or on another device, in the slots they have, so that optimizers and holders keep them.
#include "frontend/nn/computed.h"
#include "frontend/tensor/impl.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon::nn {

void Module::to(Dtype dtype, bool, Location loc) {
  if (!is_floating_point(dtype))
    throw Error(std::string("Module::to: expected a floating-point dtype, came ") + tenon::name(dtype), loc);
  if (record::is_capturing())
    throw Error("Module::to: " + name() + " cannot change its dtype inside tenon::compile", loc);
  NoGradGuard no_grad;
  TensorList all = state_dict().values();
  detail::Computed::add_to(all, *this);
  for (const Tensor &tensor : all) {
    if (!tensor.is_floating_point() || tensor.scalar_type() == dtype)
      continue;
    Tensor converted = tensor.detach().to(dtype, loc);
    const tenon::detail::ImplPtr &slot = tenon::detail::Access::impl(tensor), &source = tenon::detail::Access::impl(converted);
    slot->set_stored(tenon::detail::materialize(source, false, loc));
    slot->type = source->type;
    slot->dtype = dtype;
    ++slot->version;
    tensor.reset_grad();
  }
}

void Module::to(Device device, bool, Location loc) {
  using namespace tenon::detail;
  Lock lock;
  if (record::is_capturing())
    throw Error("Module::to: " + name() + " cannot be moved inside tenon::compile", loc);
  DeviceNumber number = device_number("Module::to", device, loc);
  auto move = [&](const ImplPtr &slot) {
    StoragePtr numbers = materialize(slot, false, loc)->copy_to(number);
    slot->view.reset(); // a tensor of its own from now on
    slot->set_stored(std::move(numbers));
    slot->device = number;
  };
  TensorList computed;
  nn::detail::Computed::add_to(computed, *this);
  for (const std::vector<Tensor> &tensors : {parameters(), buffers(), computed})
    for (const Tensor &tensor : tensors) {
      const ImplPtr &slot = Access::impl(tensor);
      if (!slot || device_of(*slot) == number)
        continue;
      if (const ImplPtr &gradient = Access::impl(tensor.grad()); gradient && !(gradient->trace && gradient->trace->state == Trace::Closed))
        move(gradient);
      move(slot);
    }
}

void Module::to(Device device, Dtype dtype, bool non_blocking, Location loc) {
  to(device, non_blocking, loc);
  to(dtype, non_blocking, loc);
}

} // namespace tenon::nn
