// Gradients from bridge to bridge.
#include "frontend/tensor/bridge.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"

namespace tenon::detail {

namespace prim = ir::prim;

TensorList add_bridge(Trace &trace, Bridge bridge, const TensorList &values, Location loc) {
  auto index = uint32_t(trace.bridges.size());
  bridge.outputs.assign(values.size(), no_value);
  TensorList outputs(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].defined())
      continue;
    auto cut = trace.op<prim::StopGradientOp>({number_of(trace, Access::impl(values[i]), "Function", loc)}, loc);
    trace.values[cut].requires_grad = true;
    trace.values[cut].tainted = false;
    bridge.outputs[i] = cut;
    trace.bridge_of[cut] = index;
    outputs[i] = wrap_value(trace, cut, loc, true);
  }
  trace.bridges.push_back(std::move(bridge));
  return outputs;
}

void copy_bridge_output(Trace &trace, const Trace &from, Number output, Number value) {
  auto index = from.bridge_of.lookup(output);
  auto &old = from.bridges[index];
  auto [at, fresh] = trace.bridge_copies.try_emplace({&from, index}, uint32_t(trace.bridges.size()));
  if (fresh) {
    auto same = [&](const std::vector<Number> &numbers) {
      return llvm::map_to_vector(numbers, [&](Number n) { return n == no_value ? n : trace.copies.lookup({&from, n}); });
    };
    auto copy = old;
    llvm::copy(same(old.inputs), copy.inputs.begin());
    llvm::copy(same(old.saved), copy.saved.begin());
    copy.outputs.assign(old.outputs.size(), no_value);
    trace.bridges.push_back(std::move(copy));
  }
  if (auto &copy = trace.bridges[at->second]; copy.hook)
    trace.hook_cuts[copy.inputs[0]] = value;
  trace.bridges[at->second].outputs[size_t(llvm::find(old.outputs, output) - old.outputs.begin())] = value;
  trace.bridge_of[value] = at->second;
}

void check_gradients(const Trace &trace, const Bridge &bridge, TensorList &result, const char *op, Location loc) {
  auto wrong = [&](const std::string &what) { return record::error(op, Error(std::string(bridge.name) + ": " + what + "; it was applied", bridge.line).what(), loc); };
  while (result.size() > bridge.inputs.size() && !result.back().defined()) // of arguments that forward() has by default
    result.pop_back();
  if (result.size() != bridge.inputs.size())
    throw wrong("expected " + std::to_string(bridge.inputs.size()) + " gradients, one per argument of forward(), got " + std::to_string(result.size()));
  for (size_t i = 0; i < result.size(); ++i)
    if (bridge.inputs[i] != no_value && result[i].defined() && Access::impl(result[i])->type != trace.type(bridge.inputs[i]))
      throw wrong((bridge.again ? "expected " : "expected a gradient of ") + record::text_of(trace.type(bridge.inputs[i])) +
                              (bridge.again ? " again for result " : " for argument ") + std::to_string(i) + ", got " + record::text(result[i]));
}

namespace {

struct Walk {
  Trace &trace;
  bool create_graph;
  const char *op;
  Location loc;
  std::vector<uint32_t> waiting; // bridges
  llvm::SmallVector<Number> targets;
  llvm::DenseMap<Number, Tensor> sums{};

  Tensor number(Number n, bool flows) { return wrap_value(trace, n, loc, flows && trace.values[n].requires_grad); }
  void add(Number to, const Tensor &part) {
    auto &sum = sums[to];
    AutoGradMode mode(create_graph);
    sum = sum.defined() ? record::op<prim::AddOp>({sum, part}, loc) : part;
  }
  void add_targets(uint32_t bridge) {
    waiting.push_back(bridge);
    for (auto o : trace.bridges[bridge].outputs)
      if (o != no_value && !llvm::is_contained(targets, o))
        targets.push_back(o);
  }

  /// The targets that a gradient reaches from `root` without code of the user in between.
  llvm::SmallVector<Number> below(Number root) {
    std::vector<bool> seen(trace.values.size());
    llvm::SmallVector<Number> stack{root};
    while (!stack.empty()) {
      auto n = resolve(trace, stack.pop_back_val());
      if (seen[n] || !trace.values[n].requires_grad)
        continue;
      seen[n] = true;
      if (trace.values[n].op == none || trace.bridge_of.count(n))
        continue;
      auto &made = trace.ops[trace.values[n].op];
      for (uint32_t i = 0; i < made.n_operands; ++i)
        stack.push_back(trace.operands[made.operands + i]);
    }
    llvm::SmallVector<Number> asked;
    for (auto t : targets)
      if (seen[t])
        asked.push_back(t);
    return asked;
  }

  void flow(Number from, const Tensor &seed) {
    from = resolve(trace, from);
    auto asked = below(from);
    if (asked.empty())
      return;
    if (asked.size() == 1 && asked[0] == from && seed.defined())
      return add(from, seed);
    auto first = request(trace, from, seed, asked, create_graph, op, loc);
    for (size_t i = 0; i < asked.size(); ++i)
      add(asked[i], wrap_value(trace, first + Number(i), loc, create_graph));
  }

  /// One of several values at once: of their sum, weighted with the seeds, so that what is below them is differentiated once.
  void flow(const std::vector<std::pair<Number, Tensor>> &seeds) {
    bool one_dtype = llvm::all_of(seeds, [&](auto &s) { return s.second.scalar_type() == seeds[0].second.scalar_type(); });
    if (create_graph || seeds.size() < 2 || !one_dtype) {
      for (auto &[from, seed] : seeds)
        flow(from, seed);
      return;
    }
    AutoGradEnabled enabled;
    Tensor loss;
    for (auto &[from, seed] : seeds) {
      auto weighted = number(resolve(trace, from), true).mul(Operand(record::op<prim::StopGradientOp>({seed}, loc), loc)).sum(std::nullopt, loc);
      loss = loss.defined() ? loss.add(Operand(weighted, loc)) : weighted;
    }
    flow(number_of(trace, Access::impl(loss), op, loc), {});
  }

  /// The waiting bridge that was written last, of those that something has come to; null: none.
  std::optional<uint32_t> next() {
    std::optional<uint32_t> last;
    auto place = [&](uint32_t bridge) {
      for (auto o : trace.bridges[bridge].outputs)
        if (o != no_value)
          return trace.ops[trace.values[o].op].op;
      llvm_unreachable("a bridge has an output");
    };
    for (auto b : waiting)
      if (llvm::any_of(trace.bridges[b].outputs, [&](Number o) { return o != no_value && sums.count(o); }))
        if (!last || place(*last)->isBeforeInBlock(place(b)))
          last = b;
    return last;
  }

  void pass(uint32_t index) {
    auto bridge = trace.bridges[index]; // a copy: the user's code records
    auto known = uint32_t(trace.bridges.size());
    auto values = Number(trace.values.size());
    TensorList gradients, saved;
    for (auto o : bridge.outputs) {
      gradients.push_back(o == no_value ? Tensor() : sums.lookup(o));
      if (auto &g = gradients.back(); !g.defined() && o != no_value && bridge.zeros)
        g = record::constant(0, dtype_of_type(trace.type(o).getElementType()), {trace.type(o).getShape().data(), trace.type(o).getShape().size()}, loc);
    }
    for (auto n : bridge.saved)
      saved.push_back(n == no_value ? Tensor() : number(resolve(trace, n), create_graph || bridge.again));
    TensorList result;
    {
      AutoGradMode mode(create_graph || bridge.again);
      result = (*bridge.function)(gradients, saved);
    }
    check_gradients(trace, bridge, result, op, loc);
    std::vector<Number> fresh;
    for (auto &[n, hooks] : trace.hooks)
      if (n >= values)
        fresh.push_back(n);
    llvm::sort(fresh);
    std::vector<uint32_t> hooked;
    Number unused = no_value;
    if (bridge.again)
      insert_hooks(trace, fresh, hooked, unused);
    for (auto b = known; b < trace.bridges.size(); ++b)
      add_targets(b);
    std::vector<std::pair<Number, Tensor>> seeds;
    for (size_t i = 0; i < result.size(); ++i) {
      if (bridge.inputs[i] == no_value || !result[i].defined() || (bridge.again && !gradients[i].defined()))
        continue;
      prepare(Access::impl(result[i]), false, loc);
      auto from = bridge.again ? number_of(trace, Access::impl(result[i]), op, loc) : resolve(trace, bridge.inputs[i]);
      if (bridge.again)
        if (auto cut = trace.hook_cuts.find(from); cut != trace.hook_cuts.end())
          from = cut->second;
      if (trace.values[from].requires_grad)
        seeds.push_back({from, bridge.again ? gradients[i] : result[i]});
    }
    flow(seeds);
  }
};

} // namespace

TensorList derivatives(Trace &trace, Number loss, const Tensor &seed, llvm::ArrayRef<Number> wrt, std::vector<uint32_t> bridges, bool create_graph, const char *op,
                       Location loc) {
  TensorList result(wrt.size());
  if (bridges.empty()) {
    auto first = request(trace, loss, seed, wrt, create_graph, op, loc);
    for (size_t i = 0; i < wrt.size(); ++i)
      result[i] = wrap_value(trace, first + Number(i), loc, create_graph);
    return result;
  }
  auto keep = trace.shared_from_this();
  Differentiating differentiating(trace);
  Walk walk{trace, create_graph, op, loc, {}, llvm::SmallVector<Number>(wrt)};
  for (auto b : bridges)
    walk.add_targets(b);
  walk.flow(loss, seed);
  while (auto b = walk.next()) {
    llvm::erase(walk.waiting, *b);
    walk.pass(*b);
  }
  for (size_t i = 0; i < wrt.size(); ++i) {
    result[i] = walk.sums.lookup(wrt[i]);
    auto type = trace.type(wrt[i]);
    if (!result[i].defined())
      result[i] = record::constant(0, dtype_of_type(type.getElementType()), {type.getShape().data(), type.getShape().size()}, loc);
  }
  return result;
}

} // namespace tenon::detail
