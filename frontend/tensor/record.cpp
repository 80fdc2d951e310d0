// Appending an op on tensors: operands become values, gradients that must not flow are cut, results become handles.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <sstream>

namespace tenon::record {

using namespace detail;
namespace prim = ir::prim;

void append(const Opcode &code, llvm::ArrayRef<Tensor> operands, PropertyBytes properties, Location loc, TensorList &results, llvm::ArrayRef<mlir::Type> given) {
  Lock lock;
  const char *name = op_name(code);
  TensorList converted;
  if (autocast_mode() && code.autocast != ir::Autocast::keep) {
    for (auto &t : operands)
      converted.push_back(autocast(code.autocast, t, loc));
    operands = converted;
  }
  llvm::SmallVector<const ImplPtr *, 8> impls;
  bool differentiated = false;
  for (auto &t : operands)
    if (t.defined()) {
      impls.push_back(&Access::impl(t));
      differentiated |= (*impls.back())->requires_grad;
    }
  differentiated = differentiated && GradMode::is_enabled();
  settle_device(name, impls, loc);
  for (auto *p : impls)
    prepare(*p, differentiated, loc);
  auto &trace = current_trace();
  llvm::SmallVector<Number, 8> numbers;
  for (auto *p : impls) {
    auto n = number_of(trace, *p, name, loc);
    numbers.push_back(differentiated && !(*p)->requires_grad ? without_gradient(trace, n, loc) : n);
  }
  auto types = trace.infer(code, numbers, properties, given, loc);
  bool flows = differentiated && !types.empty() && llvm::isa<mlir::FloatType>(llvm::cast<mlir::RankedTensorType>(types[0]).getElementType());
  Trace::AppendOptions options;
  options.requires_grad = flows;
  auto first = trace.append(code, numbers, properties, types, loc, std::move(options));
  results.reserve(types.size());
  for (size_t i = 0; i < types.size(); ++i)
    results.push_back(wrap_value(trace, first + Number(i), loc, flows));
}

Error error(const char *op, const std::string &what, Location loc) { return Error(std::string(op) + ": " + what, loc); }

std::string shape_text(IntArrayRef sizes) {
  std::ostringstream out;
  out << sizes;
  return out.str();
}
std::string text(const Tensor &t) { return t.defined() ? text_of(Access::impl(t)->type) : "an undefined tensor"; }
std::string text_of(mlir::RankedTensorType type) {
  return std::string(tenon::name(dtype_of_type(type.getElementType()))) + shape_text({type.getShape().data(), type.getShape().size()});
}
int64_t wrap_dim(const char *op, int64_t dim, int64_t rank, Location loc) {
  auto limit = rank == 0 ? 1 : rank;
  if (dim < -limit || dim >= limit)
    throw error(op, "dimension out of range: expected one in [" + std::to_string(-limit) + ", " + std::to_string(limit - 1) + "], got " + std::to_string(dim), loc);
  return dim < 0 ? dim + limit : dim;
}

Tensor constant(Scalar value, Dtype dtype, IntArrayRef sizes, Location loc) {
  Lock lock;
  char bytes[8] = {};
  store_scalar(bytes, dtype, value);
  auto splat = dense_elements(tensor_type({}, dtype), bytes);
  auto one = op<prim::ConstantOp>({}, loc, [&](auto &p) { p.value = splat; });
  return sizes.empty() ? one : broadcast("constant", one, sizes, loc);
}

Tensor host_number(Scalar value, Dtype dtype, Location loc) {
  Lock lock;
  auto &trace = current_trace();
  return wrap_value(trace, trace.add_host_number(value, dtype, loc), loc, false);
}

Tensor cast(const Tensor &x, Dtype dtype, Location loc) {
  Lock lock;
  auto &p = impl("to", x, loc);
  if (p->dtype == dtype)
    return x;
  return op_as<prim::CastOp>(detail::tensor_type(p->shape(), dtype), {x}, loc);
}

Shape broadcast_shape(const char *op, IntArrayRef a, IntArrayRef b, Location loc) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    auto of = [&](IntArrayRef s) { return i < s.size() ? s[s.size() - 1 - i] : 1; };
    auto x = of(a), y = of(b);
    if (x != y && x != 1 && y != 1)
      throw error(op, "expected shapes that broadcast, got " + shape_text(a) + " and " + shape_text(b), loc);
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

Tensor broadcast(const char *op_name, const Tensor &x, IntArrayRef sizes, Location loc) {
  Lock lock;
  auto &p = impl(op_name, x, loc);
  auto from = p->shape();
  if (IntArrayRef(from.data(), from.size()) == sizes)
    return x;
  bool fits = from.size() <= sizes.size();
  llvm::SmallVector<int64_t, 6> dimensions;
  for (size_t i = 0; fits && i < from.size(); ++i) {
    dimensions.push_back(int64_t(sizes.size() - from.size() + i));
    fits = from[i] == sizes[size_t(dimensions[i])] || from[i] == 1;
  }
  if (!fits)
    throw error(op_name, "expected a shape that broadcasts to " + shape_text(sizes) + ", got " + text(x), loc);
  return op_as<prim::BroadcastOp>(tensor_type(sizes, p->dtype), {x}, loc, [&](auto &q) { q.dimensions = builder().getDenseI64ArrayAttr(dimensions); });
}

namespace {
/// Of what kind an operand is, in PyTorch's order: tensors with dimensions decide before rank-0 tensors, these before numbers.
struct Category {
  int priority;
  Dtype dtype;
};
Category category(const Operand &o) {
  if (o.tensor) {
    auto &p = impl("operator", *o.tensor, o.location);
    return {p->type.getRank() > 0 ? 2 : 1, p->dtype};
  }
  return {0, o.scalar.isFloatingPoint() ? get_default_dtype() : o.scalar.isBoolean() ? kBool : kLong};
}
int kind(Dtype d) { return d == kBool ? 0 : tenon::is_floating_point(d) ? 2 : 1; }
} // namespace

Dtype promote(const Operand &a, const Operand &b) {
  auto x = category(a), y = category(b);
  if (x.priority < y.priority)
    std::swap(x, y);
  if (x.priority != y.priority && kind(x.dtype) >= kind(y.dtype))
    return x.dtype;
  if (x.priority != y.priority)
    return y.dtype;
  return tenon::promote_types(x.dtype, y.dtype);
}

Tensor operand(const Operand &o, Dtype dtype) { return o.tensor ? cast(*o.tensor, dtype, o.location) : host_number(o.scalar, dtype, o.location); }

} // namespace tenon::record
