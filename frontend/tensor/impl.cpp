// The one MLIR context and its lock; types, locations and the life of what a handle points to.
#include "frontend/tensor/impl.h"
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/interfaces/literal.h"
#include "compiler/api/compiler.h"
#include "frontend/tensor/trace.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"
#include <cstring>

namespace tenon {
namespace record {

// Never destroyed: tensors and traces of static lifetime use it to the end.
mlir::MLIRContext &context() {
  static auto *c = compiler::makeContext().release();
  return *c;
}
mlir::Builder &builder() {
  static auto *b = new mlir::Builder(&context());
  return *b;
}
mlir::Type element_type(Dtype dtype) {
  static const mlir::Type types[] = {builder().getI1Type(),   builder().getIntegerType(32), builder().getI64Type(),
                                     builder().getF16Type(),  builder().getBF16Type(),      builder().getF32Type(), builder().getF64Type()};
  return types[int(dtype)];
}
mlir::RankedTensorType tensor_type(IntArrayRef sizes, Dtype dtype) { return mlir::RankedTensorType::get(llvm::ArrayRef(sizes.data(), sizes.size()), element_type(dtype)); }
mlir::RankedTensorType type_of(const Tensor &t) { return detail::Access::impl(t)->type; }

} // namespace record

namespace detail {

std::recursive_mutex &frontend_mutex() {
  static auto *m = new std::recursive_mutex;
  return *m;
}

mlir::RankedTensorType tensor_type(llvm::ArrayRef<int64_t> shape, Dtype dtype) { return mlir::RankedTensorType::get(shape, record::element_type(dtype)); }

Dtype dtype_of_type(mlir::Type element) {
  for (auto d : {kFloat, kLong, kBool, kDouble, kInt, kBFloat16, kHalf})
    if (record::element_type(d) == element)
      return d;
  llvm_unreachable("no such element type in the frontend");
}

mlir::DenseElementsAttr dense_elements(mlir::RankedTensorType type, const void *data) {
  return ir::denseElements(type, {static_cast<const char *>(data), size_t(type.getNumElements() * ir::elementBytes(type.getElementType()))});
}

mlir::Location mlir_location(Location loc) {
  // The file's name is a literal of the caller: its address stands for it.
  struct Key {
    static std::pair<const void *, uint64_t> of(Location l) { return {l.file_name(), uint64_t(l.line()) << 32 | l.column()}; }
  };
  static auto *known = new llvm::DenseMap<std::pair<const void *, uint64_t>, mlir::LocationAttr>;
  auto &attribute = (*known)[Key::of(loc)];
  if (!attribute) {
    llvm::StringRef file = loc.file_name();
    attribute = mlir::FileLineColLoc::get(&record::context(), file.substr(file.rfind('/') + 1), loc.line(), loc.column());
  }
  return attribute;
}

const ImplPtr &impl(const char *op, const Tensor &t, Location loc) {
  auto &p = Access::impl(t);
  if (!p)
    throw Error(std::string(op) + ": expected a tensor, got an undefined one", loc);
  return p;
}

TensorImpl::~TensorImpl() {
  if (trace) {
    Lock lock;
    unlink();
    trace.reset();
  }
}
bool TensorImpl::pending() const { return trace && trace->state == Trace::Open; }

void TensorImpl::unlink() {
  if (previous)
    previous->next = next;
  else if (trace && trace->pending == this)
    trace->pending = next;
  if (next)
    next->previous = previous;
  else if (trace && trace->last_pending == this)
    trace->last_pending = previous;
  previous = next = nullptr;
}
void TensorImpl::set_pending(Trace &to, Number number) {
  if (trace)
    unlink();
  if (trace.get() != &to)
    trace = to.shared_from_this();
  value = number;
  // At the end, so that outputs come in the order in which they were made.
  previous = trace->last_pending;
  (previous ? previous->next : trace->pending) = this;
  trace->last_pending = this;
}
void TensorImpl::set_stored(StoragePtr to) {
  if (trace)
    unlink();
  trace.reset();
  value = no_value;
  storage = std::move(to);
}

ImplPtr make_stored(llvm::ArrayRef<int64_t> shape, Dtype dtype, Location loc) {
  auto p = std::make_shared<TensorImpl>(tensor_type(shape, dtype), dtype, loc);
  p->storage = make_storage(p->bytes());
  return p;
}

} // namespace detail
} // namespace tenon
