// Devices of tensors: where the program says that they are. A trace runs on one device; memory follows by itself (storage.h).
#include "frontend/tensor/cuda.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include "runtime/tenon.h"

namespace tenon {

using namespace detail;

namespace {
Device device_named(DeviceNumber number) { return number ? Device(kCUDA, int(number) - 1) : Device(); }
} // namespace

namespace detail {

DeviceNumber device_number(const char *op, const Device &device, Location loc) {
  if (device.is_cpu())
    return 0;
  uint32_t count = 0;
  auto index = device.index() < 0 ? 0u : uint32_t(device.index());
  if (tenon_gpu_count(&count) != TENON_OK)
    throw record::error(op, "expected device cpu, got " + device.str() + ": " + tenon_last_error(), loc);
  if (index >= count)
    throw record::error(op, "expected a GPU below " + std::to_string(count) + ", got " + device.str(), loc);
  return 1 + index;
}

DeviceNumber device_of(const Trace &trace) { return trace.device == anywhere ? 0 : trace.device; }

DeviceNumber device_of(const TensorImpl &p) {
  if (p.view)
    return device_of(*p.view->base);
  if (p.pending())
    if (auto device = p.trace->values[p.value].device; device != anywhere)
      return device;
  return p.device;
}

Tensor placed(Tensor made, DeviceNumber device) {
  auto &p = Access::impl(made);
  p->device = device;
  if (p->pending() && device) // on the CPU it is a constant, which fits to any
    p->trace->values[p->value].device = device;
  return made;
}

void settle_device(const char *op, llvm::ArrayRef<const ImplPtr *> operands, Location loc) {
  auto device = anywhere;
  for (auto *p : operands) {
    auto &slot = (*p)->view ? *(*p)->view->base : **p;
    auto its = slot.pending() ? slot.trace->values[slot.value].device : slot.device;
    if (its == anywhere || (its == 0 && (*p)->type.getRank() == 0))
      continue;
    if (device != anywhere && device != its)
      throw record::error(op, "expected tensors on one device, got some on " + device_named(device).str() + " and some on " + device_named(its).str() + "; move them with to()", loc);
    device = its;
  }
  if (device == anywhere)
    return;
  auto *trace = &current_trace();
  if (trace->device != anywhere && trace->device != device && !trace->capture && !trace->body && !trace->differentiating && !trace->ops.empty()) {
    flush(*trace, loc);
    trace = &current_trace();
  }
  if (trace->device == anywhere || device)
    trace->device = device;
}

} // namespace detail

Device Tensor::device() const {
  Lock lock; // another thread may be running what this waits for
  return device_named(device_of(*impl("device", *this, Location::current())));
}

Tensor Tensor::to(Device wanted, Location loc) const {
  Lock lock;
  auto &p = impl("to", *this, loc);
  auto device = device_number("to", wanted, loc);
  if (device == device_of(*p))
    return *this;
  bool flows = p->requires_grad && GradMode::is_enabled();
  if (!flows && !current_capture() && !current_trace().body) {
    auto numbers = materialize(p, false, loc);
    auto moved = std::make_shared<TensorImpl>(p->type, p->dtype, loc);
    moved->storage = numbers->copy_to(device);
    moved->device = device;
    return Access::wrap(std::move(moved));
  }
  auto moved = clone(loc);
  auto &q = Access::impl(moved);
  q->device = q->trace->values[q->value].device = device;
  return moved;
}

namespace cuda {

int64_t device_count() {
  uint32_t count = 0;
  return tenon_gpu_count(&count) == TENON_OK ? int64_t(count) : 0;
}
bool is_available() { return device_count() > 0; }
void synchronize(int64_t) {
  Lock lock;
  if (!current_capture() && !current_trace().ops.empty())
    flush(current_trace(), Location::current());
}

} // namespace cuda
} // namespace tenon
