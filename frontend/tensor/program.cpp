// Turning a finished trace into a module, and finding its compiled form.
#include "frontend/tensor/program.h"
#include "compiler/dialect/prim/Prim.h"
#include <cstdlib>
#include <iostream>
#include <list>
#include <set>
#include <unordered_map>

namespace tenon::detail {

using namespace mlir;
namespace prim = ir::prim;

Program::Structure::Structure(const Program &program) : words(program.trace.words), said(words.size()) {
  words.push_back(tag_outputs | Word(program.trace.device) << 32);
  words.push_back(program.outputs.size()); // the words of a write to the first entry are those of an output
  words.insert(words.end(), program.outputs.begin(), program.outputs.end());
  for (auto &[entry, value] : program.writes)
    words.push_back(Word(entry) << 32 | value);
}

OwningOpRef<ModuleOp> Program::module() const {
  auto &builder = record::builder();
  auto unknown = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(unknown);
  // State is bound to the tensors' own memory: it must stay row-major.
  (*module)->setAttr("tenon.bound_state", builder.getUnitAttr());
  OpBuilder b(module->getBodyRegion());
  for (size_t i = 0; i < trace.entries.size(); ++i)
    prim::StateOp::create(b, unknown, "s" + std::to_string(i), trace.entries[i].type, ElementsAttr(), FlatSymbolRefAttr());

  IRMapping mapping;
  auto function = cast<func::FuncOp>(trace.function->clone(mapping));
  module->push_back(function);
  b.setInsertionPointToEnd(&function.getBody().front());
  auto value = [&](Number n) { return mapping.lookup(trace.values[n].value); };
  for (auto &[entry, number] : writes)
    prim::WriteOp::create(b, trace.values[number].value.getLoc(), value(number), FlatSymbolRefAttr::get(builder.getContext(), "s" + std::to_string(entry)));
  llvm::SmallVector<Value> results;
  for (auto n : outputs)
    results.push_back(value(n));
  func::ReturnOp::create(b, unknown, results);
  function.setFunctionType(builder.getFunctionType(function.getBody().getArgumentTypes(), ValueRange(results).getTypes()));
  function->setAttr("tenon.function", builder.getStringAttr("step"));
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.setArgAttr(i, "tenon.name", builder.getStringAttr("in" + std::to_string(i)));
  for (unsigned i = 0; i < results.size(); ++i)
    function.setResultAttr(i, "tenon.name", builder.getStringAttr("out" + std::to_string(i)));
  return module;
}

namespace {

/// Compiled forms by structure, the least recently used forgotten first.
struct Memory {
  struct Item {
    Words words;
    std::shared_ptr<Executable> executable;
  };
  static constexpr size_t limit = 256;
  std::list<Item> items; // most recent first
  std::unordered_multimap<Word, std::list<Item>::iterator> by_hash;

  static Word hash(const Words &words) {
    Word h = words.size();
    for (auto w : words)
      h = (h ^ w) * 0x9e3779b97f4a7c15ull, h ^= h >> 31;
    return h;
  }
  std::shared_ptr<Executable> find(const Words &words, Word h) {
    auto [begin, end] = by_hash.equal_range(h);
    for (auto at = begin; at != end; ++at)
      if (at->second->words == words) {
        items.splice(items.begin(), items, at->second);
        return items.front().executable;
      }
    return nullptr;
  }
  void add(Words words, Word h, std::shared_ptr<Executable> executable) {
    if (items.size() >= limit) {
      auto last = std::prev(items.end());
      auto [begin, end] = by_hash.equal_range(hash(last->words));
      for (auto at = begin; at != end; ++at)
        if (at->second == last) {
          by_hash.erase(at);
          break;
        }
      items.erase(last);
    }
    items.push_front({std::move(words), std::move(executable)});
    by_hash.emplace(h, items.begin());
  }
};

} // namespace

std::shared_ptr<Executable> executable_for(const Program &program, Location) {
  static auto *memory = new Memory;
  Program::Structure structure(program);
  auto &words = structure.words;
  if (!memory->items.empty() && memory->items.front().words == words) // a loop's step: not even hashed
    return memory->items.front().executable;
  auto hash = Memory::hash(words);
  if (auto found = memory->find(words, hash))
    return found;
  try {
    auto made = load_or_compile(program.module(), device_of(program.trace));
    memory->add(words, hash, made);
    return made;
  } catch (const Error &e) {
    throw Error(with_lines(e.what(), program.trace));
  }
}

void say_once(const std::string &text) {
  static auto *said = new std::set<std::string>;
  Lock lock;
  if (said->insert(text).second && !std::getenv("TENON_QUIET"))
    std::cerr << "tenon: " << text << "\n";
}

} // namespace tenon::detail
