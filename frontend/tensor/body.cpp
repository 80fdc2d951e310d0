// Recording a body, and putting its arguments in the order that its op wants.
#include "frontend/tensor/body.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"

namespace tenon::detail {

namespace prim = ir::prim;

Number body_operand(Trace &trace, const char *op, const Tensor &t, Location loc) {
  auto n = number_of(trace, impl(op, t, loc), op, loc);
  return GradMode::is_enabled() && !t.requires_grad() ? without_gradient(trace, n, loc) : n;
}

TensorList record_body(Trace &trace, Recorded &to, const char *op, bool loop, llvm::ArrayRef<mlir::Type> types, llvm::ArrayRef<bool> flows, const BodyFunction &fn, Location loc) {
  to.block = new mlir::Block;
  to.region->push_back(to.block);
  auto where = mlir_location(loc);
  BodyScope scope(trace, to.block, op, false);
  scope.body.loop = loop;
  trace.words.insert(trace.words.end(), {tag_body, Word(trace.values.size())});
  TensorList arguments;
  for (size_t i = 0; i < types.size(); ++i) {
    trace.words.insert(trace.words.end(), {tag_body, Word(uintptr_t(types[i].getAsOpaquePointer()))});
    auto number = trace.add_value(to.block->addArgument(types[i], where));
    bool real = llvm::isa<mlir::FloatType>(trace.type(number).getElementType());
    trace.values[number].requires_grad = real && flows[i];
    arguments.push_back(wrap_value(trace, number, loc, real && flows[i]));
  }
  auto results = fn(arguments);
  for (auto &t : results)
    to.yielded.push_back(body_operand(trace, op, t, loc));
  if (scope.body.counter != no_value) {
    auto moved = record::op<prim::AddOp>({wrap_value(trace, scope.body.counter, loc, false), record::constant(scope.body.drawn, kLong, {}, loc)}, loc);
    to.yielded.push_back(number_of(trace, Access::impl(moved), op, loc));
  }
  to.body = scope.body;
  return results;
}

void finish_body(Trace &trace, Recorded &r, size_t carries, Location loc) {
  if (r.body.counter != no_value)
    std::rotate(r.yielded.begin() + long(carries), r.yielded.end() - 1, r.yielded.end());
  BodyScope scope(trace, r.block, "body", false);
  trace.append(record::opcode<prim::YieldOp>(), r.yielded, {"", 1}, {}, loc, {}); // its rule needs the parent that it gets later
}

void arrange(Trace &trace, Recorded &r, size_t carries, size_t lead, bool counter, llvm::ArrayRef<Number> outer, Location loc) {
  auto where = mlir_location(loc);
  auto old = r.block->getNumArguments();
  auto replace = [&](Number number, mlir::Value by) {
    trace.values[number].value.replaceAllUsesWith(by);
    trace.values[number].value = by;
  };
  size_t more = 0;
  if (counter) {
    auto argument = r.block->insertArgument(unsigned(carries), detail::tensor_type({}, kLong), where);
    if (r.body.counter != no_value)
      replace(r.body.counter, argument);
    more = 1;
  }
  for (auto n : outer) {
    auto argument = r.block->addArgument(trace.type(n), where);
    for (auto &[from, inside] : r.body.captured)
      if (from == n)
        replace(inside, argument);
  }
  r.block->eraseArguments(unsigned(lead + more), unsigned(old - lead));
}

llvm::SmallVector<Number> captured_by(std::initializer_list<const Recorded *> bodies) {
  llvm::SmallVector<Number> outer;
  for (auto *r : bodies)
    for (auto &[n, inside] : r->body.captured)
      if (!llvm::is_contained(outer, n))
        outer.push_back(n);
  return outer;
}

llvm::SmallVector<mlir::Type> types_of(Trace &trace, llvm::ArrayRef<Number> numbers) {
  return llvm::map_to_vector(numbers, [&](Number n) -> mlir::Type { return trace.type(n); });
}

} // namespace tenon::detail
