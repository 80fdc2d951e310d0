// backward() and grad(): one prim.gradient request per call, over the leaves that the loss reaches.
#include "frontend/tensor/grad.h"
#include "frontend/tensor/bridge.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/capture.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/tape.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

namespace detail {

Number resolve(const Trace &trace, Number n) {
  while (trace.values[n].alias != no_value)
    n = trace.values[n].alias;
  return n;
}

Number request(Trace &trace, Number loss, const Tensor &seed, llvm::ArrayRef<Number> wrt, bool create_graph, const char *op, Location loc) {
  using Properties = prim::GradientOp::Properties;
  alignas(Properties) char bytes[sizeof(Properties)];
  std::memset(bytes, 0, sizeof bytes);
  auto *properties = new (bytes) Properties();
  properties->operandSegmentSizes = {1, seed.defined() ? 1 : 0, int32_t(wrt.size())};
  llvm::SmallVector<Number, 16> operands{loss};
  if (seed.defined())
    operands.push_back(number_of(trace, Access::impl(seed), op, loc));
  llvm::append_range(operands, wrt);
  auto &code = record::opcode<prim::GradientOp>();
  auto types = trace.infer(code, operands, {bytes, sizeof bytes}, {}, loc);
  Trace::AppendOptions options;
  options.requires_grad = create_graph;
  auto first = trace.append(code, operands, {bytes, sizeof bytes}, types, loc, std::move(options));
  for (size_t i = 0; i < wrt.size(); ++i) // a gradient is where its value is
    trace.values[first + Number(i)].device = trace.values[wrt[i]].device;
  return first;
}

} // namespace detail

namespace {

thread_local bool grad_mode = true;

struct Reached {
  std::vector<std::pair<Number, ImplPtr>> leaves;
  std::vector<Number> passed;
  std::vector<uint32_t> bridges;
  std::vector<bool> seen;
};

/// Everything that a gradient flows through on its way from `root` to leaves. Values of earlier, frozen traces are
/// computed again in this one.
void reach(Trace &trace, Number root, const char *op, Location loc, Reached &reached) {
  std::vector<Number> stack{root};
  while (!stack.empty()) {
    auto n = resolve(trace, stack.back());
    stack.pop_back();
    reached.seen.resize(trace.values.size());
    if (reached.seen[n] || !trace.values[n].requires_grad)
      continue;
    reached.seen[n] = true;
    auto again = [&] {
      return record::error(op, "a second time through operations that a first backward() has passed and freed; give the first one retain_graph = true", loc);
    };
    if (trace.values[n].freed)
      throw again();
    if (auto leaf = trace.leaf_of.find(n); leaf != trace.leaf_of.end()) {
      if (auto p = leaf->second.lock())
        reached.leaves.push_back({n, p});
    } else if (auto index = trace.values[n].entry; index != none) {
      auto p = trace.entries[index].impl.lock();
      if (trace.entries[index].tape) {
        if (trace.capture)
          throw record::error(op, "a gradient would leave the compiled function, through a tensor that was computed outside of it", loc);
        splice(trace, index, loc);
        stack.push_back(n);
        reached.seen.resize(trace.values.size());
        reached.seen[n] = false;
      } else if (p && !p->leaf) {
        throw again();
      } else if (p) {
        reached.leaves.push_back({n, p});
      }
    } else if (auto bridge = trace.bridge_of.find(n); bridge != trace.bridge_of.end()) {
      reached.passed.push_back(n);
      if (!llvm::is_contained(reached.bridges, bridge->second))
        reached.bridges.push_back(bridge->second);
      for (auto input : trace.bridges[bridge->second].inputs)
        if (input != no_value)
          stack.push_back(input);
    } else if (trace.values[n].op != none) {
      reached.passed.push_back(n);
      auto &made = trace.ops[trace.values[n].op];
      for (uint32_t i = 0; i < made.n_operands; ++i)
        stack.push_back(trace.operands[made.operands + i]);
    }
  }
}

void free_passed(Trace &trace, const Reached &reached, const ImplPtr &loss) {
  for (auto n : reached.passed) {
    auto &op = trace.ops[trace.values[n].op];
    for (uint32_t i = 0; i < op.n_results; ++i)
      trace.values[op.results + i].freed = true;
  }
  for (auto bridge : reached.bridges)
    if (!trace.bridges[bridge].hook)
      trace.bridges[bridge].function = nullptr; // with what the user's code holds
  for (auto &[key, copy] : trace.copies)
    if (trace.values[copy].freed)
      const_cast<Trace *>(key.first)->values[key.second].freed = true;
  if (loss->trace && loss->trace->state == Trace::Frozen) {
    loss->spent = true;
    loss->trace.reset();
    loss->value = no_value;
  }
}

/// The loss as a value of this thread's trace, after the checks that every gradient begins with.
Number loss_value(const char *op, const Tensor &loss, const Tensor &seed, Location loc) {
  auto &p = impl(op, loss, loc);
  if (!p->requires_grad)
    throw record::error(op, "expected a tensor computed from one that requires grad (outside no_grad), got " + record::text(loss) + " which is not", loc);
  if (p->spent)
    throw record::error(op, "a second time through operations that a first backward() has passed and freed; give the first one retain_graph = true", loc);
  if (!seed.defined() && p->numel() != 1)
    throw record::error(op, "expected a loss of one element, or a gradient of its shape, got " + record::text(loss), loc);
  if (seed.defined() && impl(op, seed, loc)->type != p->type)
    throw record::error(op, "expected a gradient of " + record::text(loss) + ", got " + record::text(seed), loc);
  prepare(p, false, loc);
  if (seed.defined())
    prepare(Access::impl(seed), false, loc);
  return number_of(current_trace(), p, op, loc);
}

/// A leaf's gradient, as its own hooks leave it.
Tensor through_hooks(Trace &trace, const ImplPtr &leaf, const Tensor &gradient, bool create_graph, const char *op, Location loc) {
  if (!leaf->hooks || leaf->hooks->empty())
    return gradient;
  Differentiating differentiating(trace);
  return run_hooks(*leaf->hooks, gradient, create_graph, op, loc);
}

} // namespace

bool GradMode::is_enabled() { return grad_mode; }
void GradMode::set_enabled(bool enabled) { grad_mode = enabled; }

void Tensor::backward(const Tensor &gradient, std::optional<bool> retain_graph, bool create_graph, Location loc) const {
  Lock lock;
  if (auto *body = current_trace().body)
    throw record::error("backward", std::string("inside the body of a ") + body->op + " gradients are not kept; use grad(), or call backward() on what it returns", loc);
  auto loss = loss_value("backward", *this, gradient, loc);
  auto &trace = current_trace();
  Reached reached;
  reach(trace, loss, "backward", loc, reached);
  if (reached.leaves.empty())
    return;
  std::vector<Number> wrt;
  for (auto &leaf : reached.leaves)
    wrt.push_back(resolve(trace, leaf.first));
  auto root = resolve(trace, loss);
  insert_hooks(trace, reached.passed, reached.bridges, root);
  auto gradients = derivatives(trace, root, gradient, wrt, reached.bridges, create_graph, "backward", loc);
  for (size_t i = 0; i < wrt.size(); ++i)
    gradients[i] = through_hooks(trace, reached.leaves[i].second, gradients[i], create_graph, "backward", loc);
  if (!retain_graph.value_or(create_graph))
    free_passed(trace, reached, impl_);
  AutoGradMode mode(create_graph);
  for (size_t i = 0; i < wrt.size(); ++i) {
    auto &leaf = reached.leaves[i].second;
    note_grad(leaf);
    auto fresh = std::move(gradients[i]);
    if (auto &p = Access::impl(fresh); p && p->trace) // of constants, or of the same value on another device
      p->device = p->trace->values[p->value].device = leaf->device;
    if (!leaf->grad.defined())
      leaf->grad = fresh;
    else if (auto &before = Access::impl(leaf->grad); before->trace && before->trace->state == Trace::Closed)
      continue; // the sum with a gradient that was not kept is not kept either: who reads it is told so
    else if (create_graph)
      leaf->grad = record::op<prim::AddOp>({leaf->grad, fresh}, loc);
    else
      record::assign("backward", leaf->grad, record::op<prim::AddOp>({leaf->grad, fresh}, loc), loc);
  }
}

namespace {
/// Gradients of one loss; undefined where it does not reach.
TensorList gradients(const char *op, const Tensor &loss, const Tensor &seed, const TensorList &wrt, bool retain_graph, bool create_graph, Location loc) {
  auto value = loss_value(op, loss, seed, loc);
  for (auto &w : wrt)
    prepare(impl(op, w, loc), false, loc);
  auto &trace = current_trace();
  Reached reached;
  reach(trace, value, op, loc, reached);
  std::vector<Number> numbers;
  std::vector<size_t> at;
  for (size_t i = 0; i < wrt.size(); ++i) {
    auto &p = Access::impl(wrt[i]);
    if (!p->requires_grad)
      throw record::error(op, "expected values that require grad, got " + record::text(wrt[i]) + " (number " + std::to_string(i) + ") which does not", loc);
    auto n = number_of(trace, p, op, loc);
    if (auto entry = trace.values[n].entry; entry != none && trace.entries[entry].tape)
      splice(trace, entry, loc);
    n = resolve(trace, n);
    if (n < reached.seen.size() && reached.seen[n]) {
      numbers.push_back(n);
      at.push_back(i);
    }
  }
  TensorList result(wrt.size());
  if (!numbers.empty()) {
    auto root = resolve(trace, value);
    insert_hooks(trace, reached.passed, reached.bridges, root);
    auto found = derivatives(trace, root, seed, numbers, reached.bridges, create_graph, op, loc);
    for (size_t i = 0; i < numbers.size(); ++i)
      result[at[i]] = through_hooks(trace, Access::impl(wrt[at[i]]), found[i], create_graph, op, loc);
  }
  if (!retain_graph)
    free_passed(trace, reached, Access::impl(loss));
  return result;
}
} // namespace

TensorList grad(const Tensor &loss, const TensorList &wrt, bool create_graph, std::optional<bool> retain_graph, Location loc) {
  Lock lock;
  auto result = gradients("grad", loss, {}, wrt, retain_graph.value_or(create_graph), create_graph, loc);
  for (size_t i = 0; i < wrt.size(); ++i)
    if (!result[i].defined())
      result[i] = zeros_like(wrt[i], loc);
  return result;
}

namespace autograd {

TensorList grad(const TensorList &outputs, const TensorList &inputs, const TensorList &grad_outputs, std::optional<bool> retain_graph, bool create_graph,
                bool allow_unused, Location loc) {
  Lock lock;
  TensorList result(inputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    bool last = i + 1 == outputs.size();
    auto part = gradients("grad", outputs[i], i < grad_outputs.size() ? grad_outputs[i] : Tensor(), inputs, !last || retain_graph.value_or(create_graph), create_graph, loc);
    for (size_t k = 0; k < inputs.size(); ++k)
      result[k] = !result[k].defined() ? part[k] : !part[k].defined() ? result[k] : result[k].add(Operand(part[k], loc));
  }
  for (size_t k = 0; k < inputs.size(); ++k)
    if (!result[k].defined() && !allow_unused)
      throw record::error("grad", "input number " + std::to_string(k) + ", " + record::text(inputs[k]) + ", was not used for the outputs; pass allow_unused = true for an undefined gradient", loc);
  return result;
}

void backward(const TensorList &outputs, const TensorList &grad_outputs, std::optional<bool> retain_graph, bool create_graph, Location loc) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    bool last = i + 1 == outputs.size();
    outputs[i].backward(i < grad_outputs.size() ? grad_outputs[i] : Tensor(), last ? retain_graph : true, create_graph, loc);
  }
}

} // namespace autograd
} // namespace tenon
