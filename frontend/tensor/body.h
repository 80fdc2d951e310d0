// Bodies of ops (loops, branches, derivatives in them): the user's code is run once on tensors without numbers, and what it uses from outside becomes operands.
#pragma once
#include "frontend/tensor/trace.h"

namespace tenon::detail {

/// A recorded body: its region, and what it took from outside.
struct Recorded {
  std::unique_ptr<mlir::Region> region = std::make_unique<mlir::Region>();
  mlir::Block *block = nullptr;
  Trace::Body body{};
  llvm::SmallVector<Number> yielded;
};

using BodyFunction = std::function<TensorList(const TensorList &)>;

/// An operand, through which nothing flows that must not.
Number body_operand(Trace &trace, const char *op, const Tensor &t, Location loc);
/// Records `fn` on fresh arguments of these types, into which gradients flow or do not; its results are what the body yields.
TensorList record_body(Trace &trace, Recorded &to, const char *op, bool loop, llvm::ArrayRef<mlir::Type> types, llvm::ArrayRef<bool> flows, const BodyFunction &fn, Location loc);
/// The body's terminator. A counter among the carries is the last value so far: it goes behind the others.
void finish_body(Trace &trace, Recorded &r, size_t carries, Location loc);
/// Arguments in the op's order: `lead` of the first, the counter after `carries` of them, then all that any of the op's bodies took from outside.
void arrange(Trace &trace, Recorded &r, size_t carries, size_t lead, bool counter, llvm::ArrayRef<Number> outer, Location loc);
llvm::SmallVector<Number> captured_by(std::initializer_list<const Recorded *> bodies);
llvm::SmallVector<mlir::Type> types_of(Trace &trace, llvm::ArrayRef<Number> numbers);

/// Appends the op; its results as tensors.
template <class OpTy, class Set>
TensorList append_with_bodies(Trace &trace, llvm::ArrayRef<Number> operands, Set set, llvm::ArrayRef<mlir::Type> types, std::initializer_list<Recorded *> bodies, uint32_t words, Location loc) {
  using Properties = typename OpTy::Properties;
  alignas(Properties) char bytes[sizeof(Properties)];
  std::memset(bytes, 0, sizeof bytes);
  auto *properties = new (bytes) Properties();
  set(*properties);
  Trace::AppendOptions options;
  options.body_words = words;
  for (auto *r : bodies)
    options.bodies.push_back(std::move(r->region));
  bool flows = GradMode::is_enabled() && llvm::any_of(operands, [&](Number n) { return trace.values[n].requires_grad; });
  options.requires_grad = flows;
  auto first = trace.append(record::opcode<OpTy>(), operands, {bytes, sizeof bytes}, types, loc, std::move(options));
  return wrap_results(trace, first, types.size(), flows, loc);
}

/// Gradients of the results, then the results -> a gradient for each input; undefined: none.
using BodyBackward = std::function<TensorList(const TensorList &gradients, const TensorList &results)>;
/// A prim.custom_gradient behind what the body has so far: successors of `values`, whose gradients flow to `inputs` (no_value: nowhere) as `backward` says.
Number custom_gradient(Trace &trace, llvm::ArrayRef<Number> values, llvm::ArrayRef<Number> inputs, const BodyBackward &backward, Location loc);

} // namespace tenon::detail
