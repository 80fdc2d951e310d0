// A trace that follows the one before it: as long as it says the same, word for word, it goes on in that one's function; and how memory goes round.
#include "frontend/tensor/trace.h"

namespace tenon::detail {

using namespace mlir;

void TraceBuffers::clear() {
  values.clear();
  ops.clear();
  operands.clear();
  words.clear();
  lines.clear();
  entries.clear();
  inputs.clear();
  entry_of.clear();
}

namespace {
void erase(TraceBuffers &buffers) {
  if (buffers.function)
    buffers.function.erase();
  buffers.function = {};
  buffers.block = nullptr;
}

/// What traces leave to the next ones of their thread.
struct Left {
  std::unique_ptr<TraceBuffers> last, empty;
  ~Left() {
    if (last) {
      Lock lock;
      erase(*last);
    }
  }
};
thread_local bool thread_ends = false;
Left *left() {
  struct Holder : Left {
    ~Holder() { thread_ends = true; }
  };
  if (thread_ends)
    return nullptr;
  thread_local Holder holder;
  return &holder;
}
} // namespace

Trace::Trace(bool capture) : capture(capture) {
  static uint64_t made = 0;
  Lock lock;
  serial = made++;
  if (auto *from = left(); from && !capture) {
    if (auto empty = std::move(from->empty))
      static_cast<TraceBuffers &>(*this) = std::move(*empty);
    earlier = std::move(from->last);
  }
  if (earlier && earlier->function) {
    follows = true;
    function = std::exchange(earlier->function, {});
    block = earlier->block;
    return;
  }
  auto unknown = UnknownLoc::get(&record::context());
  function = func::FuncOp::create(unknown, "step", FunctionType::get(&record::context(), {}, {}));
  block = function.addEntryBlock();
}
Trace::~Trace() {
  Lock lock;
  retire();
}
void Trace::erase_function() { erase(*this); }

void Trace::retire() {
  constexpr size_t longest = size_t(1) << 20; // words
  auto *to = capture ? nullptr : left();
  if (!to || words.capacity() > longest)
    return erase_function();
  if (follows && words.empty()) { // nothing was said: the next one may follow the same
    earlier->function = std::exchange(function, {});
    if (!to->last)
      to->last = std::move(earlier);
  }
  part();
  entries.clear(); // the user's memory
  if (rewritten)
    erase_function();
  auto mine = std::make_unique<TraceBuffers>(std::move(static_cast<TraceBuffers &>(*this)));
  function = {};
  if (mine->function)
    std::swap(mine, to->last);
  if (!mine)
    mine = std::move(earlier);
  if (mine) {
    erase(*mine);
    mine->clear();
    to->empty = std::move(mine);
  }
}

bool Trace::still_follows() {
  if (!follows)
    return false;
  auto &then = earlier->words;
  if (words.size() <= then.size() && std::memcmp(words.data() + compared, then.data() + compared, (words.size() - compared) * sizeof(Word)) == 0) {
    compared = words.size();
    return true;
  }
  part();
  return false;
}

void Trace::part() {
  if (!follows)
    return;
  follows = false;
  auto *last = last_own ? last_own : last_read;
  while (!block->empty() && &block->back() != last)
    block->back().erase();
  if (last_own) // between the reads and the ops: reads of the other trace
    for (auto *op = last_read ? last_read->getNextNode() : &block->front(); op != by_age.find(own)->second;) {
      auto *next = op->getNextNode();
      op->erase();
      op = next;
    }
  block->eraseArguments(unsigned(inputs.size()), block->getNumArguments() - unsigned(inputs.size()));
}

const Type *Trace::foretold(const record::Opcode &code, llvm::ArrayRef<Number> numbers, record::PropertyBytes properties, llvm::ArrayRef<Type> given) const {
  auto &then = *earlier;
  if (ops.size() >= then.ops.size() || compared != this->words.size())
    return nullptr;
  auto &op = then.ops[ops.size()];
  if (op.words != this->words.size() || op.code != &code || op.n_operands != numbers.size() || (!given.empty() && given.size() != op.n_results))
    return nullptr;
  auto *words = then.words.data() + op.words + 2; // behind name and counts: operands, result types, properties
  auto *types = words + op.n_operands, *bytes = types + op.n_results;
  for (size_t i = 0; i < numbers.size(); ++i)
    if (words[i] != numbers[i])
      return nullptr;
  for (size_t i = 0; i < given.size(); ++i)
    if (types[i] != Word(uintptr_t(given[i].getAsOpaquePointer())))
      return nullptr;
  static_assert(sizeof(Type) == sizeof(Word)); // a word is the pointer that a Type is
  return std::memcmp(bytes, properties.data, properties.size) == 0 ? reinterpret_cast<const Type *>(types) : nullptr;
}

} // namespace tenon::detail
