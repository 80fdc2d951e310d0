// What a handle points to. A slot is a tensor of its own; a view is a chain of shape steps on a slot.
//   stored    storage, no trace                        the numbers are in memory
//   pending   trace (open), value                      a value of a trace not yet run; storage: memory that it overwrites
//   taped     storage, trace (frozen), value           run, and backward may still ask how it was computed
//   lost      trace (closed), no storage               made in a compiled function and not returned, or its step failed
#pragma once
#include "frontend/tensor/storage.h"
#include "frontend/tensor/tensor.h"
#include "frontend/tensor/recorder.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include <functional>
#include <map>
#include <mutex>

namespace tenon::detail {

struct Trace;
using Number = uint32_t; // of a value in a trace
inline constexpr Number no_value = ~Number(0);

/// One step of a view: how it reads its source, and (view.cpp) how a write goes back through it.
struct ViewStep {
  enum Kind { Reshape, Permute, Slice, Expand, Detach } kind;
  Shape sizes;            // Reshape, Expand: of the result; Permute: the permutation; Slice: of the result
  Shape offsets, strides; // Slice
};
struct View {
  std::shared_ptr<TensorImpl> base; // a slot
  std::vector<ViewStep> steps;
  bool follows = true; // gradients flow where they flow into the base: nothing is detached, and it was not made under no_grad
  // What was last computed, valid for this version of the base.
  uint64_t version = ~uint64_t(0);
  StoragePtr copy; // its numbers, row-major, where they are not the base's
  uint64_t copy_version = ~uint64_t(0);
};

/// Functions that see a gradient and may put another in its place, by number.
struct Hook {
  std::function<Tensor(const Tensor &)> function; // undefined: as it is
  Location line;
};
using HookList = std::map<unsigned, Hook>;

struct TensorImpl {
  mlir::RankedTensorType type;
  Dtype dtype;
  bool requires_grad = false;
  bool leaf = true; // it is not the result of a recorded op
  bool retains_grad = false;
  bool spent = false; // backward has passed through what it was computed by
  Number value = no_value;
  DeviceNumber device = 0; // where the program says that it is; pending: see also ValueInfo
  uint64_t version = 0; // in-place writes
  StoragePtr storage;
  std::shared_ptr<Trace> trace;
  TensorImpl *previous = nullptr, *next = nullptr; // in the trace's list of pending slots
  std::unique_ptr<View> view;
  Tensor grad;
  std::shared_ptr<HookList> hooks; // of a leaf
  std::vector<record::StateNamer> names;
  Location where; // made there

  TensorImpl(mlir::RankedTensorType type, Dtype dtype, Location where) : type(type), dtype(dtype), where(where) {}
  ~TensorImpl();
  TensorImpl(const TensorImpl &) = delete;

  bool pending() const;
  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
  int64_t numel() const { return type.getNumElements(); }
  size_t bytes() const { return size_t(numel()) * tenon::element_size(dtype); }
  void set_pending(Trace &trace, Number value);
  void set_stored(StoragePtr storage);
  void unlink();
};
using ImplPtr = std::shared_ptr<TensorImpl>;

struct Access {
  static const ImplPtr &impl(const Tensor &t) {
    if (t.impl_ && t.impl_->view)
      follow_base(*t.impl_);
    return t.impl_;
  }
  /// Written in place, a base may have got a history: its views have it too.
  static void follow_base(TensorImpl &p) {
    if (!p.requires_grad && p.view->follows && p.view->base->requires_grad && !p.view->base->leaf)
      p.requires_grad = true, p.leaf = false;
  }
  static Tensor wrap(ImplPtr impl) { return Tensor(std::move(impl)); }
};
/// The implementation, or an error that names the op where `t` is undefined.
const ImplPtr &impl(const char *op, const Tensor &t, Location loc);

/// One lock for the context and every trace: recording takes it per op; replays of compiled functions do not.
std::recursive_mutex &frontend_mutex();
struct Lock : std::lock_guard<std::recursive_mutex> {
  Lock() : lock_guard(frontend_mutex()) {}
};

mlir::RankedTensorType tensor_type(llvm::ArrayRef<int64_t> shape, Dtype dtype);
Dtype dtype_of_type(mlir::Type element);
/// Numbers in memory (row-major) as an attribute.
mlir::DenseElementsAttr dense_elements(mlir::RankedTensorType type, const void *data);
mlir::Location mlir_location(Location loc);
/// The runtime's number of a device, or an error that says why there is none.
DeviceNumber device_number(const char *op, const Device &device, Location loc);
/// A stored tensor of its own memory, on the CPU.
ImplPtr make_stored(llvm::ArrayRef<int64_t> shape, Dtype dtype, Location loc);
/// Its numbers in memory, row-major: flushes, and copies where a view is not contiguous. `write`: they may be changed.
StoragePtr materialize(const ImplPtr &impl, bool write, Location loc);
/// The same for code of the frontend that looks at numbers on the host, whichever device the tensor is on.
void *host_numbers(const char *op, const Tensor &t, Use use, Location loc);
void convert(const void *from, Dtype from_type, void *to, Dtype to_type, int64_t count);
void fill(void *to, Dtype dtype, Scalar value, int64_t count);
void store_scalar(void *to, Dtype dtype, Scalar value);
Scalar load_scalar(const void *from, Dtype dtype);

} // namespace tenon::detail

namespace tenon::record {
/// Throws where a leaf that requires grad is written outside no_grad.
void check_writable(const char *op, const detail::ImplPtr &slot, Location loc);
} // namespace tenon::record
