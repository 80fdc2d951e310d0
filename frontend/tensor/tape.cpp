// Computing again, in a new trace, what a frozen one computed, with prim.saved where its numbers are still in memory.
#include "frontend/tensor/tape.h"
#include "frontend/tensor/bridge.h"
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"

namespace tenon::detail {

namespace prim = ir::prim;

std::vector<Number> values_to_keep(Trace &trace, const std::vector<TensorImpl *> &live) {
  static const auto contract = record::opcode<prim::ContractOp>().name, linear = record::opcode<ir::nn::LinearOp>().name;
  std::vector<Number> result, stack;
  std::vector<bool> seen(trace.values.size());
  for (auto *p : live)
    if (p->requires_grad && !p->leaf && !trace.values[p->value].freed)
      stack.push_back(p->value);
  while (!stack.empty()) {
    auto n = stack.back();
    stack.pop_back();
    auto &v = trace.values[n];
    if (seen[n])
      continue;
    seen[n] = true;
    if (v.alias != no_value)
      stack.push_back(v.alias);
    if (v.op == none)
      continue;
    if (auto bridge = trace.bridge_of.find(n); bridge != trace.bridge_of.end()) {
      auto &b = trace.bridges[bridge->second];
      for (auto *needed : {&b.inputs, &b.saved})
        for (auto o : *needed)
          if (o != no_value && !(b.again && needed == &b.inputs)) // what is computed again is not kept
            stack.push_back(o);
      continue;
    }
    auto &op = trace.ops[v.op];
    if (op.code->name == contract || op.code->name == linear)
      result.push_back(n);
    for (uint32_t i = 0; i < op.n_operands; ++i)
      stack.push_back(trace.operands[op.operands + i]);
  }
  llvm::sort(result);
  return result;
}

namespace {

/// An entry of a frozen trace in the new one: the same memory, and what was known about it.
Number copy_entry(Trace &trace, const Entry &from, const ValueInfo &known, bool requires_grad, Location loc) {
  auto index = trace.enter(from.storage.get(), from.storage, from.type);
  auto number = trace.read(index, loc);
  auto &entry = trace.entries[index];
  trace.values[number].device = known.device;
  if (requires_grad) {
    trace.values[number].requires_grad = true;
    if (entry.impl.expired())
      entry.impl = from.impl;
    if (!entry.tape) {
      entry.tape = from.tape;
      entry.taped = from.taped;
    }
  }
  return number;
}

Number copy_input(Trace &trace, const Trace &from, Number number, Location loc) {
  for (auto &input : from.inputs)
    if (input.value == number)
      return trace.add_host_number(load_scalar(input.bytes, input.dtype), input.dtype, loc);
  llvm_unreachable("a value without origin");
}

} // namespace

Number copy_value(Trace &trace, const std::shared_ptr<Trace> &from, Number number, Location loc) {
  if (!llvm::is_contained(trace.copied, from))
    trace.copied.push_back(from);
  if (from->places.empty()) {
    llvm::DenseMap<mlir::Operation *, uint64_t> place;
    for (auto &op : *from->block)
      place.try_emplace(&op, uint64_t(place.size()) << 20);
    for (auto &op : from->ops)
      from->places.push_back(place.lookup(op.op));
  }
  auto known = [&](Number n) { return trace.copies.count({from.get(), n}) != 0; };
  std::vector<Number> stack{number};
  while (!stack.empty()) {
    auto n = stack.back();
    if (known(n)) {
      stack.pop_back();
      continue;
    }
    auto &v = from->values[n];
    if (v.alias != no_value) {
      if (!known(v.alias)) {
        stack.push_back(v.alias);
        continue;
      }
      Number same = trace.copies[{from.get(), v.alias}];
      trace.copies[{from.get(), n}] = same;
      stack.pop_back();
      continue;
    }
    // What that trace had from an older one comes from there, so that a value is computed again once.
    if (auto origin = from->origins.find(n); origin != from->origins.end()) {
      auto older = llvm::find_if(from->copied, [&](auto &t) { return t.get() == origin->second.first; });
      auto same = copy_value(trace, *older, origin->second.second, loc);
      trace.copies[{from.get(), n}] = same;
      stack.pop_back();
      continue;
    }
    Number copy;
    auto stored = from->saved.find(n);
    if (v.op == none) {
      copy = v.entry != none ? copy_entry(trace, from->entries[v.entry], v, v.requires_grad, loc) : copy_input(trace, *from, n, loc);
    } else if (stored != from->saved.end() && !v.requires_grad) {
      Entry entry;
      entry.storage = stored->second;
      entry.type = from->type(n);
      copy = copy_entry(trace, entry, v, false, loc);
    } else {
      auto &op = from->ops[v.op];
      bool ready = true;
      llvm::SmallVector<Number, 8> operands;
      for (uint32_t i = 0; i < op.n_operands; ++i) {
        auto o = from->operands[op.operands + i];
        if (!known(o)) {
          stack.push_back(o);
          ready = false;
        } else {
          operands.push_back(trace.copies[{from.get(), o}]);
        }
      }
      bool bridged = from->bridge_of.count(op.results) != 0;
      if (bridged) {
        auto &bridge = from->bridges[from->bridge_of.lookup(op.results)];
        for (auto *needed : {&bridge.inputs, &bridge.saved})
          for (auto o : *needed)
            if (o != no_value && o != op.results && !known(o)) {
              stack.push_back(o);
              ready = false;
            }
      }
      if (!ready)
        continue;
      llvm::SmallVector<mlir::Type, 2> types(op.op->getResultTypes());
      // The op's line is the one where it was written.
      auto line = llvm::lower_bound(from->lines, op.words, [](auto &l, uint32_t w) { return l.first < w; });
      Trace::AppendOptions options;
      options.requires_grad = v.requires_grad;
      auto older = from->ages.find(op.results);
      Trace::Age age = older == from->ages.end() ? Trace::Age{from->serial, from->places[v.op]} : older->second;
      options.age = age;
      options.body_words = uint32_t(trace.words.size());
      for (auto &region : op.op->getRegions()) {
        auto &copy = options.bodies.emplace_back(std::make_unique<mlir::Region>());
        mlir::IRMapping same;
        region.cloneInto(copy.get(), same);
      }
      // The words of a body name its values by their numbers in that trace; where they start, they are the same program.
      trace.words.insert(trace.words.end(), from->words.begin() + op.body_words, from->words.begin() + op.words);
      // An op without properties has no storage for them, but a byte in the structure.
      const void *properties = op.op->getPropertiesStorageSize() ? op.op->getPropertiesStorage().as<void *>() : "";
      auto first = trace.append(*op.code, operands, {properties, op.code->property_bytes}, types, line->second, std::move(options));
      if (bridged) {
        trace.copies[{from.get(), op.results}] = first;
        copy_bridge_output(trace, *from, op.results, first);
      }
      for (uint32_t i = 0; i < op.n_results; ++i) {
        auto result = op.results + i;
        auto at = first + i;
        trace.values[at].device = from->values[result].device;
        trace.values[at].tainted = from->values[result].tainted;
        trace.values[at].requires_grad = from->values[result].requires_grad;
        if (auto saved = from->saved.find(result); saved != from->saved.end()) {
          auto index = trace.enter(saved->second.get(), saved->second, from->type(result));
          at = trace.op(record::opcode<prim::SavedOp>(), {at, trace.read(index, loc)}, {"", 1}, line->second, {}, {age.first, age.second + 1 + i});
          trace.values[at].device = from->values[result].device;
        }
        trace.values[first + i].freed = trace.values[at].freed = from->values[result].freed; // by a backward() of then
        trace.copies[{from.get(), result}] = at;
        trace.origins[first + i] = trace.origins[at] = {from.get(), result};
      }
      stack.pop_back();
      continue;
    }
    trace.copies[{from.get(), n}] = copy;
    stack.pop_back();
  }
  return trace.copies[{from.get(), number}];
}

void splice(Trace &trace, uint32_t index, Location loc) {
  auto tape = std::exchange(trace.entries[index].tape, nullptr);
  auto taped = trace.entries[index].taped;
  auto number = trace.entries[index].value;
  auto computed = copy_value(trace, tape, taped, loc);
  trace.rewrite();
  // Users of the entry's numbers get the value that knows its derivative (a prim.saved of them).
  trace.words.insert(trace.words.end(), {tag_splice, number, computed});
  auto read = trace.values[number].value, replacement = trace.values[computed].value;
  read.replaceAllUsesExcept(replacement, replacement.getDefiningOp());
  trace.values[number].value = replacement;
  trace.values[number].alias = computed;
}

} // namespace tenon::detail
