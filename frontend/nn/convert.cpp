// Module::to: parameters and buffers in another dtype, in the slots they have, so that optimizers and holders keep them.
#include "frontend/nn/module.h"
#include "frontend/tensor/impl.h"
#include "frontend/tensor/record.h"

namespace tenon::nn {

void Module::to(Dtype dtype, bool, Location loc) {
  if (!is_floating_point(dtype))
    throw Error(std::string("Module::to: expected a floating-point dtype, came ") + tenon::name(dtype), loc);
  if (record::is_capturing())
    throw Error("Module::to: " + name() + " cannot change its dtype inside tenon::compile", loc);
  NoGradGuard no_grad;
  for (const auto &item : state_dict()) {
    const Tensor &tensor = item.value();
    if (!tensor.is_floating_point() || tensor.scalar_type() == dtype)
      continue;
    Tensor converted = tensor.detach().to(dtype, loc);
    converted.data_ptr(loc); // runs what is pending
    const tenon::detail::ImplPtr &slot = tenon::detail::Access::impl(tensor), &source = tenon::detail::Access::impl(converted);
    slot->set_stored(tenon::detail::materialize(source, false, loc));
    slot->type = source->type;
    slot->dtype = dtype;
    ++slot->version;
    tensor.reset_grad();
  }
}

void Module::to(Device device, bool, Location loc) {
  if (!device.is_cpu())
    throw Error("Module::to: this build computes on the CPU, came " + device.str(), loc);
}

void Module::to(Device device, Dtype dtype, bool non_blocking, Location loc) {
  to(device, non_blocking, loc);
  to(dtype, non_blocking, loc);
}

} // namespace tenon::nn
