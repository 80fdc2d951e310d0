// Building a trace: values, entries, host numbers and ops, each appended to the MLIR function and to the structure.
#include "frontend/tensor/trace.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/anomaly.h"
#include "mlir/IR/Diagnostics.h"
#include <unordered_map>

namespace tenon::detail {

using namespace mlir;
namespace prim = ir::prim;

namespace {
Word word(const void *pointer) { return Word(uintptr_t(pointer)); }
Word word(Type type) { return word(type.getAsOpaquePointer()); }

FlatSymbolRefAttr entry_symbol(uint32_t index) {
  static auto *symbols = new std::vector<FlatSymbolRefAttr>;
  while (symbols->size() <= index)
    symbols->push_back(FlatSymbolRefAttr::get(&record::context(), "s" + std::to_string(symbols->size())));
  return (*symbols)[index];
}
} // namespace

Number Trace::add_value(Value value) {
  values.push_back({value});
  values.back().body = body ? body->number : 0;
  return Number(values.size() - 1);
}

Number Trace::add_input(RankedTensorType type, Location loc) {
  words.insert(words.end(), {tag_input, word(type)});
  return add_value(block->addArgument(type, mlir_location(loc)));
}

Number Trace::add_host_number(Scalar value, Dtype dtype, Location loc) {
  auto type = tensor_type({}, dtype);
  lines.push_back({uint32_t(words.size()), loc});
  if (capture) {
    // A constant of the compiled function. Its words hold the number itself, to be compared with the next call's.
    char bytes[8] = {};
    store_scalar(bytes, dtype, value);
    Word bits;
    std::memcpy(&bits, bytes, 8);
    words.insert(words.end(), {tag_constant, bits, word(type)});
    auto number = dense_elements(type, bytes);
    return op<prim::ConstantOp>({}, loc, [&](auto &p) { p.value = number; });
  }
  words.insert(words.end(), {tag_number, word(type)});
  Input input;
  std::memset(input.bytes, 0, 8);
  store_scalar(input.bytes, dtype, value);
  input.dtype = dtype;
  {
    OutsideBody outside(*this, true); // an argument belongs to the function, not to an op's body in it
    auto argument = still_follows() ? Value(block->getArgument(unsigned(inputs.size()))) : Value(block->addArgument(type, mlir_location(loc)));
    input.value = add_value(argument);
  }
  inputs.push_back(input);
  return input.value;
}

uint32_t Trace::enter(const void *key, const StoragePtr &storage, RankedTensorType type) {
  auto [at, fresh] = entry_of.try_emplace(key, uint32_t(entries.size()));
  if (fresh) {
    entries.emplace_back();
    entries.back().storage = storage;
    entries.back().type = type;
    words.insert(words.end(), {tag_entry, word(type)});
  }
  return at->second;
}

Number Trace::read(uint32_t index, Location loc) {
  if (entries[index].value != no_value)
    return entries[index].value;
  // Reading is part of the structure: an entry may be written only.
  words.push_back(Word(index) << 32 | tag_entry);
  Operation *read;
  if (still_follows()) {
    read = earlier->values[values.size()].value.getDefiningOp();
  } else {
    static const auto &code = record::opcode<prim::ReadOp>();
    prim::ReadOp::Properties properties;
    properties.state = entry_symbol(index);
    read = Operation::create(mlir_location(loc), code.name, entries[index].type, {}, DictionaryAttr::get(&record::context()), OpaqueProperties(&properties), {}, 0);
    if (last_read)
      block->getOperations().insertAfter(Block::iterator(last_read), read);
    else
      block->push_front(read);
  }
  last_read = read;
  OutsideBody outside(*this, true);
  auto number = add_value(read->getResult(0));
  values[number].entry = index;
  entries[index].value = number;
  return number;
}

llvm::ArrayRef<Type> Trace::infer(const record::Opcode &code, llvm::ArrayRef<Number> numbers, record::PropertyBytes properties, llvm::ArrayRef<Type> given, Location loc) {
  struct Known {
    Words key;
    std::vector<Type> types;
  };
  static auto *known = new std::unordered_multimap<Word, const Known>; // its nodes stay where they are
  if (auto *same = follows && !body ? foretold(code, numbers, properties, given) : nullptr)
    return {same, earlier->ops[ops.size()].n_results};
  thread_local Words key;
  key.assign(1, word(code.name.getAsOpaquePointer()));
  for (auto n : numbers)
    key.push_back(word(values[n].value.getType()));
  for (auto t : given)
    key.push_back(word(t) | 1);
  auto start = key.size();
  key.resize(start + (properties.size + 7) / 8);
  std::memcpy(key.data() + start, properties.data, properties.size);
  Word hash = 0;
  for (auto w : key)
    hash = (hash ^ w) * 0x9e3779b97f4a7c15ull, hash ^= hash >> 29;
  for (auto [at, end] = known->equal_range(hash); at != end; ++at)
    if (at->second.key == key)
      return at->second.types;

  // First time: the op's own rule and verifier speak.
  std::string said;
  ScopedDiagnosticHandler handler(&record::context(), [&](Diagnostic &diagnostic) {
    if (said.empty())
      said = diagnostic.str();
    return success();
  });
  auto complain = [&]() -> Error {
    // "'nn.linear' op weight has ..." -> "linear: weight has ..."
    auto at = said.find("op ");
    if (said.starts_with("'") && at != std::string::npos)
      said = said.substr(at + 3);
    std::string came;
    for (auto n : numbers)
      came += (came.empty() ? "" : ", ") + record::text_of(type(n));
    return record::error(op_name(code), (said.empty() ? std::string("these operands do not fit together") : said) + "; got " + came, loc);
  };
  llvm::SmallVector<Value> operand_values;
  for (auto n : numbers)
    operand_values.push_back(values[n].value);
  auto where = mlir_location(loc);
  llvm::SmallVector<Type> types(given.begin(), given.end());
  // The rule may write to the properties' memory only in theory; it takes them as mutable.
  OpaqueProperties opaque(const_cast<void *>(properties.data));
  if (given.empty() && code.infer && failed(code.infer(&record::context(), where, operand_values, opaque, types)))
    throw complain();
  auto *probe = Operation::create(where, code.name, types, operand_values, DictionaryAttr::get(&record::context()), opaque, {}, 0);
  // Ops with regions are made by foreach() and control.cpp, which check what they build.
  bool fits = succeeded(code.name.verifyInvariants(probe));
  probe->destroy();
  if (!fits)
    throw complain();
  return known->emplace(hash, Known{key, {types.begin(), types.end()}})->second.types;
}

Number Trace::append(const record::Opcode &code, llvm::ArrayRef<Number> numbers, record::PropertyBytes properties, llvm::ArrayRef<Type> results, Location loc,
                     AppendOptions options) {
  watched |= autograd::AnomalyMode::is_enabled() && autograd::AnomalyMode::should_check_nan();
  OpInfo info;
  info.code = &code;
  info.words = uint32_t(words.size());
  info.body_words = options.bodies.empty() ? info.words : options.body_words;
  info.operands = uint32_t(operands.size());
  info.n_operands = uint32_t(numbers.size());
  info.results = Number(values.size());
  info.n_results = uint32_t(results.size());
  operands.insert(operands.end(), numbers.begin(), numbers.end());
  lines.push_back({info.words, loc});
  words.push_back(word(code.name.getAsOpaquePointer()));
  words.push_back(Word(numbers.size()) << 32 | Word(results.size()));
  words.insert(words.end(), numbers.begin(), numbers.end());
  for (auto type : results)
    words.push_back(word(type));
  auto start = words.size();
  words.resize(start + (properties.size + 7) / 8);
  std::memcpy(words.data() + start, properties.data, properties.size);

  bool tainted = false;
  auto its_device = anywhere;
  for (auto n : numbers) {
    tainted |= values[n].requires_grad || values[n].tainted;
    auto from = values[n].device;
    if (from != anywhere && (from || type(n).getRank() != 0) && (its_device == anywhere || !its_device))
      its_device = from;
  }
  if (its_device != anywhere && its_device)
    device = its_device;
  if (options.age != own)
    rewrite();
  else if (body || !options.bodies.empty())
    part();
  Operation *made;
  bool again = still_follows();
  if (again) {
    made = earlier->ops[ops.size()].op;
    if (auto before = earlier->lines[lines.size() - 1].second; before.file_name() != loc.file_name() || before.line() != loc.line() || before.column() != loc.column())
      made->setLoc(mlir_location(loc));
  } else {
    llvm::SmallVector<Value, 8> operand_values;
    for (auto n : numbers)
      operand_values.push_back(values[n].value);
    static const auto empty = DictionaryAttr::get(&record::context());
    made = Operation::create(mlir_location(loc), code.name, results, operand_values, empty, OpaqueProperties(const_cast<void *>(properties.data)), {},
                             unsigned(options.bodies.size()));
    for (size_t i = 0; i < options.bodies.size(); ++i)
      made->getRegion(unsigned(i)).takeBody(*options.bodies[i]);
  }
  if (body) {
    body->block->push_back(made);
  } else if (options.age == own) {
    if (!again)
      block->push_back(made);
    last_own = made;
    if (!has_own)
      by_age[own] = made;
    has_own = true;
  } else {
    auto younger = by_age.upper_bound(options.age);
    words.push_back(Word(std::distance(younger, by_age.end())) << 8 | tag_splice);
    block->getOperations().insert(younger == by_age.end() ? block->end() : Block::iterator(younger->second), made);
    by_age.try_emplace(options.age, made);
  }
  info.op = made;
  for (auto result : made->getResults()) {
    auto number = add_value(result);
    values[number].op = uint32_t(ops.size());
    values[number].device = its_device;
    values[number].requires_grad = options.requires_grad;
    values[number].tainted = tainted && !options.requires_grad;
  }
  ops.push_back(info);
  return info.results;
}

Number Trace::op(const record::Opcode &code, llvm::ArrayRef<Number> numbers, record::PropertyBytes properties, Location loc, llvm::ArrayRef<Type> given, Age age) {
  bool flows = false;
  for (auto n : numbers)
    flows |= values[n].requires_grad;
  auto types = infer(code, numbers, properties, given, loc);
  AppendOptions options;
  options.requires_grad = flows && !types.empty() && isa<FloatType>(cast<RankedTensorType>(types[0]).getElementType());
  options.age = age;
  return append(code, numbers, properties, types, loc, std::move(options));
}

const char *op_name(const record::Opcode &code) {
  auto name = code.name.getStringRef();
  return name.data() + name.find('.') + 1; // identifiers end with a zero
}

} // namespace tenon::detail
