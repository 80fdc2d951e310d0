// Hooks on gradients: Tensor::register_hook. A hook is kept with a leaf, or with the value it was put on; when a gradient reaches that
// value, the value gets a successor in all its uses whose gradient passes through the hooks.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/bridge.h"
#include "frontend/tensor/record.h"

namespace tenon {
namespace detail {

namespace prim = ir::prim;

Tensor run_hooks(const HookList &hooks, Tensor gradient, bool create_graph, const char *op, Location loc) {
  AutoGradMode mode(create_graph);
  auto now = hooks; // a hook may remove itself
  for (auto &[number, hook] : now) {
    auto result = hook.function(gradient);
    if (!result.defined())
      continue;
    if (Access::impl(result)->type != Access::impl(gradient)->type)
      throw record::error(op, Error("hook: expected a gradient of " + record::text(gradient) + ", got " + record::text(result) + "; it was registered", hook.line).what(), loc);
    gradient = result;
  }
  return gradient;
}

/// Not in a body, which an exception may have ended: its ops are gone then.
static bool in_function(const Trace &trace, const OpInfo &op) { return !op.n_results || !trace.in_body(op.results); }

void insert_hooks(Trace &trace, llvm::ArrayRef<Number> reached, std::vector<uint32_t> &bridges, Number &loss) {
  for (auto n : reached) {
    std::shared_ptr<HookList> hooks = trace.hooks.lookup(n);
    auto age = Trace::own;
    if (auto origin = trace.origins.find(n); origin != trace.origins.end()) {
      auto [from, number] = origin->second;
      age = {from->serial, from->places[from->values[number].op] + (1 << 19)}; // behind its op and what is saved of it
      if (!hooks && trace.copies.lookup({from, number}) == n)
        hooks = from->hooks.lookup(number);
    }
    if (!hooks || hooks->empty())
      continue;
    trace.rewrite();
    auto [known, fresh] = trace.hook_cuts.try_emplace(n, no_value);
    if (fresh) {
      auto line = hooks->begin()->second.line;
      auto cut = trace.op(record::opcode<prim::StopGradientOp>(), {n}, {"", 1}, line, {}, age);
      if (age == Trace::own)
        trace.values[cut].value.getDefiningOp()->moveAfter(trace.values[n].value.getDefiningOp());
      else
        trace.ages[cut] = age;
      trace.values[cut].requires_grad = true;
      trace.values[cut].tainted = false;
      known->second = cut;
      Bridge bridge;
      bridge.name = "hook";
      bridge.hook = true;
      bridge.line = line;
      bridge.inputs = {n};
      bridge.outputs = {cut};
      bridge.function = std::make_shared<BridgeFunction>([hooks](const TensorList &gradients, const TensorList &) {
        return TensorList{run_hooks(*hooks, gradients[0], GradMode::is_enabled(), "backward", Location::current())};
      });
      trace.bridge_of[cut] = uint32_t(trace.bridges.size());
      trace.bridges.push_back(std::move(bridge));
    }
    // Uses from before the hook and, of a graph that was retained, those since the last gradient.
    auto cut = known->second;
    trace.words.insert(trace.words.end(), {tag_splice, n, cut});
    auto value = trace.values[cut].value;
    // Not in requests that are there: they begin or end at the value itself.
    trace.values[n].value.replaceUsesWithIf(value, [&](mlir::OpOperand &use) { return use.getOwner() != value.getDefiningOp() && !mlir::isa<prim::GradientOp>(use.getOwner()); });
    for (auto &op : trace.ops)
      if (in_function(trace, op) && op.op != value.getDefiningOp() && !mlir::isa<prim::GradientOp>(op.op))
        for (uint32_t i = 0; i < op.n_operands; ++i)
          if (auto &o = trace.operands[op.operands + i]; o != cut && resolve(trace, o) == n)
            o = cut;
    if (loss == n)
      loss = cut;
    bridges.push_back(trace.bridge_of[cut]);
  }
}

} // namespace detail

using namespace detail;

namespace {
constexpr unsigned keeps_grad = ~0u; // the hook of retain_grad(), which comes last

bool of_a_body(const Tensor &t) { return t.defined() && t.requires_grad() && !t.is_leaf() && is_in_body(current_trace(), t); }

/// Where the hooks of a tensor are kept; with its value they end.
std::shared_ptr<HookList> &hooks_of(const Tensor &t, Location loc) {
  auto &p = impl("register_hook", t, loc);
  if (!p->requires_grad)
    throw record::error("register_hook", "expected a tensor that requires grad, got " + record::text(t) + " which does not", loc);
  if (p->leaf)
    return p->hooks;
  if (!p->view && p->trace && p->trace->state == Trace::Frozen)
    return p->trace->hooks[p->value];
  prepare(p, false, loc);
  auto &trace = current_trace();
  // A gradient that was asked for before passes no hook of later.
  if (llvm::any_of(trace.ops, [&](auto &op) { return in_function(trace, op) && mlir::isa<prim::GradientOp>(op.op); })) {
    if (trace.capture || trace.body)
      throw record::error("register_hook", std::string("inside ") + (trace.body ? "the body of a loop or branch" : "compile") + " hooks are registered before the first gradient", loc);
    flush(trace, loc);
    return hooks_of(t, loc);
  }
  OutsideBody outside(trace, true);
  return trace.hooks[resolve(trace, number_of(trace, p, "register_hook", loc))];
}
} // namespace

unsigned Tensor::add_hook(std::function<Tensor(const Tensor &)> function, Location loc) const {
  Lock lock;
  if (of_a_body(*this)) {
    hook_in_body(current_trace(), *this, {std::move(function), loc});
    return 0;
  }
  auto &hooks = hooks_of(*this, loc);
  if (!hooks)
    hooks = std::make_shared<HookList>();
  unsigned number = 0;
  for (auto &[n, hook] : *hooks)
    if (n != keeps_grad)
      number = n + 1;
  (*hooks)[number] = {std::move(function), loc};
  return number;
}

void Tensor::retain_grad(Location loc) const {
  Lock lock;
  auto &p = impl("retain_grad", *this, loc);
  if (p->leaf || p->retains_grad)
    return;
  if (of_a_body(*this))
    throw record::error("retain_grad", "inside the body of a loop or branch gradients are not kept; use grad(), or retain what is returned", loc);
  auto &hooks = hooks_of(*this, loc);
  if (!hooks)
    hooks = std::make_shared<HookList>();
  p->retains_grad = true;
  (*hooks)[keeps_grad] = {[weak = std::weak_ptr(p)](const Tensor &gradient) {
    if (auto p = weak.lock())
      p->grad = p->grad.defined() ? p->grad + gradient : gradient;
    return Tensor();
  }, loc};
}
bool Tensor::retains_grad() const { return impl_ && impl_->retains_grad; }

void Tensor::remove_hook(unsigned number, Location loc) const {
  Lock lock;
  if (of_a_body(*this))
    throw record::error("remove_hook", "inside the body of a loop or branch a hook has been traced when it is registered", loc);
  auto &hooks = hooks_of(*this, loc);
  if (!hooks || !hooks->erase(number))
    throw record::error("remove_hook", "this tensor has no hook number " + std::to_string(number), loc);
}

} // namespace tenon
