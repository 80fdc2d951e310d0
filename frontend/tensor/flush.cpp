// Running what is pending in a define-by-run trace. Outputs are the values that live handles still refer to; slots that
// own memory already are written in place; what a later backward() needs is kept.
#include "frontend/tensor/program.h"
#include "frontend/tensor/tape.h"
#include <cstring>

namespace tenon::detail {
namespace {

/// Where a value goes when the program has run.
struct Destination {
  TensorImpl *impl;
  StoragePtr storage;
  bool own; // the slot's own memory, by way of the caller's pointer (from_blob)
};

/// After a failed run: slots keep what they had, everything else is lost.
void abandon(Trace &trace, const std::string &why) {
  trace.lost = why;
  trace.state = Trace::Closed;
  for (auto *p = trace.pending; p;) {
    auto *next = p->next;
    p->previous = p->next = nullptr;
    if (p->storage) {
      p->trace.reset();
      p->value = no_value;
      ++p->version;
    }
    p = next;
  }
  trace.pending = trace.last_pending = nullptr;
}

} // namespace

void flush(Trace &trace, Location loc) {
  auto keep = trace.shared_from_this(); // handles that are stored let go of it
  if (trace.body)
    throw record::error("item", std::string("inside the body of a ") + trace.body->op + " tensors have no numbers yet", loc);
  if (trace.differentiating)
    throw record::error("item", "gradients have no numbers yet where hooks, the backward() of a Function and what is checkpointed run", loc);
  std::vector<TensorImpl *> live;
  bool taped = false;
  for (auto *p = trace.pending; p; p = p->next)
    if (!trace.in_body(p->value)) {
      live.push_back(p);
      taped |= p->requires_grad && !p->leaf && !trace.values[p->value].freed;
    }
  trace.part(); // nothing more is said
  if (!taped)
    trace.copied.clear();
  auto kept = taped ? values_to_keep(trace, live) : std::vector<Number>();

  Program program{trace, {}, {}};
  llvm::DenseMap<Number, StoragePtr> computed; // outputs
  auto output = [&](Number number) -> StoragePtr {
    auto &storage = computed[number];
    if (!storage) {
      auto type = trace.type(number);
      storage = make_storage(size_t(type.getNumElements()) * tenon::element_size(dtype_of_type(type.getElementType())));
      program.outputs.push_back(number);
    }
    return storage;
  };
  /// The memory of a value that is there without computing: an entry's, a host number's.
  auto present = [&](Number number) -> StoragePtr {
    auto &v = trace.values[number];
    if (v.op != none)
      return nullptr;
    if (v.entry != none)
      return trace.entries[v.entry].storage;
    for (auto &input : trace.inputs)
      if (input.value == number) {
        auto one = make_storage(tenon::element_size(input.dtype));
        std::memcpy(one->host(Use::Replace), input.bytes, one->bytes);
        return one;
      }
    return nullptr;
  };
  std::vector<std::pair<TensorImpl *, StoragePtr>> stored;
  for (auto *p : live) {
    StoragePtr to;
    if (auto same = present(p->value)) {
      to = same.use_count() > 1 ? same->copy() : same;
    } else {
      auto entered = p->storage ? trace.entry_of.find(p->storage.get()) : trace.entry_of.end();
      bool alone = p->storage && p->storage.use_count() == 1 + (entered != trace.entry_of.end());
      if (alone && !taped && !p->storage->foreign && !computed.count(p->value)) {
        auto entry = entered != trace.entry_of.end() ? entered->second : trace.enter(p->storage.get(), p->storage, p->type);
        program.writes.push_back({entry, p->value});
        to = p->storage;
      } else if (computed.count(p->value)) {
        to = nullptr; // two tensors of one value: copied below
      } else {
        to = output(p->value);
      }
    }
    stored.push_back({p, to});
  }
  for (auto n : kept)
    if (!present(n))
      output(n);

  if (!program.outputs.empty() || !program.writes.empty()) {
    std::vector<RunSlot> slots;
    std::vector<RunInput> inputs;
    std::vector<Storage *> outputs;
    for (auto &e : trace.entries)
      slots.push_back({e.storage.get(), false});
    for (auto &write : program.writes)
      slots[write.first].written = true;
    for (auto &i : trace.inputs)
      inputs.push_back({i.bytes, nullptr});
    for (auto n : program.outputs)
      outputs.push_back(computed[n].get());
    try {
      auto executable = executable_for(program, loc);
      if (trace.watched)
        run_watched(program, *executable, slots, inputs, outputs);
      else
        run(*executable, trace, slots, inputs, outputs);
    } catch (const std::exception &e) {
      abandon(trace, std::string("its step failed: ") + e.what());
      trace.erase_function();
      throw;
    }
  }

  for (auto &[p, storage] : stored) {
    if (!storage) {
      storage = computed[p->value]->copy();
    }
    bool tape = taped && p->requires_grad && !p->leaf && !trace.values[p->value].freed;
    if (p->storage && p->storage->foreign) {
      std::memcpy(p->storage->host(Use::Change), storage->host(), p->bytes()); // the caller sees it through its pointer
      storage = p->storage;
    }
    if (p->requires_grad && !p->leaf && !tape)
      p->spent = true;
    auto number = p->value;
    p->set_stored(storage);
    if (tape) {
      p->trace = keep;
      p->value = number;
    }
  }
  trace.pending = trace.last_pending = nullptr;
  if (taped) {
    trace.state = Trace::Frozen;
    for (auto &[number, storage] : computed)
      trace.saved[number] = storage;
  } else {
    trace.state = Trace::Closed;
    trace.lost = "this tensor was lost";
    trace.bridges.clear();
    trace.hooks.clear();
    trace.retire();
  }
}

} // namespace tenon::detail
