// save_artifact: the recordings of several compiled functions as one module over one table of named state, compiled.
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/api/compiler.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/artifact.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"
#include <fstream>
#include <set>

namespace tenon {

using namespace detail;
using namespace mlir;
namespace prim = ir::prim;

namespace {

/// The state table: slots in the order in which functions use them, each with the names it goes by.
struct Table {
  struct Row {
    ImplPtr slot;
    std::vector<record::StateName> names; // the first owns the storage
  };
  std::vector<Row> rows;
  llvm::DenseMap<const TensorImpl *, uint32_t> row_of;

  void add(const ImplPtr &slot) {
    if (!row_of.try_emplace(slot.get(), uint32_t(rows.size())).second)
      return;
    Row row{slot, {}};
    for (auto &namer : slot->names)
      if (auto name = namer(); !name.path.empty())
        row.names.push_back(std::move(name));
    rows.push_back(std::move(row));
  }
  /// Gives everything a name of its own: unnamed tensors a number, equal paths of different models their root in front.
  void settle() {
    std::map<std::string, std::vector<std::pair<Row *, size_t>>> by_path;
    size_t unnamed = 0;
    for (auto &row : rows) {
      if (row.names.empty())
        row.names.push_back({"tensor" + std::to_string(unnamed++)});
      for (size_t i = 0; i < row.names.size(); ++i)
        by_path[row.names[i].path].push_back({&row, i});
    }
    std::set<std::string> taken;
    std::map<const void *, std::string> roots; // a root's name, the same for all of its tensors
    std::set<std::string> root_names;
    for (auto &[path, places] : by_path) {
      std::set<Row *> owners;
      for (auto &[row, i] : places)
        owners.insert(row);
      for (auto &[row, i] : places) {
        auto &name = row->names[i];
        if (owners.size() > 1) {
          auto &root = roots[name.root_identity];
          if (root.empty()) {
            auto base = name.root.empty() ? std::string("model") : name.root;
            root = base;
            for (int n = 2; !root_names.insert(root).second; ++n)
              root = base + std::to_string(n);
          }
          name.path = root + "/" + name.path;
        }
      }
    }
    for (auto &row : rows)
      std::erase_if(row.names, [&](auto &name) {
        if (taken.insert(name.path).second)
          return false;
        if (&name != &row.names.front())
          return true; // the same alias twice
        for (int n = 2; !taken.insert(name.path).second; ++n)
          name.path += "." + std::to_string(n);
        return false;
      });
  }
};

/// Of every input signature the recording that was used last.
std::vector<Variant *> variants_of(CompiledFunction &f) {
  std::vector<Variant *> result;
  for (size_t i = f.variants.size(); i-- > 0;) {
    auto *v = f.variants[i].get();
    bool known = llvm::any_of(result, [&](Variant *o) {
      return llvm::equal(o->arguments, v->arguments, [](auto &a, auto &b) { return a.type == b.type; });
    });
    if (!known)
      result.push_back(v);
  }
  std::reverse(result.begin(), result.end());
  return result;
}

void add_state(OpBuilder &b, Table &table, std::vector<StoragePtr> &kept) {
  auto unknown = b.getUnknownLoc();
  for (auto &row : table.rows) {
    kept.push_back(materialize(row.slot, false, Location::current()));
    auto elements = ir::elementsAt(row.slot->type, {static_cast<const char *>(kept.back()->host()), row.slot->bytes()});
    prim::StateOp::create(b, unknown, row.names[0].path, row.slot->type, elements, FlatSymbolRefAttr());
  }
  for (auto &row : table.rows)
    for (size_t i = 1; i < row.names.size(); ++i)
      prim::StateOp::create(b, unknown, row.names[i].path, row.slot->type, ElementsAttr(), FlatSymbolRefAttr::get(b.getContext(), row.names[0].path));
}

/// One recording as a function of the module. States "s<i>" of the recording become the table's names.
void add_function(ModuleOp module, Table &table, Variant &v, const std::string &name, const std::string &symbol, const CompileOptions &options) {
  auto program = v.program();
  program.outputs.resize(v.returned); // gradients and the like are the program's own business
  auto part = program.module();
  auto function = *part->getOps<func::FuncOp>().begin();
  auto renamed = [&](FlatSymbolRefAttr s) {
    auto index = std::stoul(s.getValue().substr(1).str());
    return FlatSymbolRefAttr::get(module.getContext(), table.rows[table.row_of[v.slots[index].get()]].names[0].path);
  };
  function.walk([&](Operation *op) {
    if (auto read = dyn_cast<prim::ReadOp>(op))
      read.setStateAttr(renamed(read.getStateAttr()));
    if (auto write = dyn_cast<prim::WriteOp>(op))
      write.setStateAttr(renamed(write.getStateAttr()));
  });
  auto &builder = record::builder();
  function->remove();
  module.push_back(function);
  function.setSymName(symbol);
  function->setAttr("tenon.function", builder.getStringAttr(name));
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.setArgAttr(i, "tenon.name", builder.getStringAttr(i < options.inputs.size() ? options.inputs[i] : "input" + std::to_string(i)));
  // Results in the order of the user's return, slots and arguments included.
  auto *end = function.getBody().front().getTerminator();
  llvm::SmallVector<Value> values;
  OpBuilder b(end);
  for (auto &r : v.results) {
    if (r.kind == Result::Output) {
      values.push_back(end->getOperand(r.index));
    } else if (r.kind == Result::Argument) {
      values.push_back(function.getArgument(r.index));
    } else {
      auto &row = table.rows[table.row_of[r.slot.get()]];
      values.push_back(prim::ReadOp::create(b, end->getLoc(), r.slot->type, FlatSymbolRefAttr::get(module.getContext(), row.names[0].path)));
    }
  }
  end->setOperands(values);
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), ValueRange(values).getTypes()));
  llvm::SmallVector<Attribute> attributes(values.size(), builder.getDictionaryAttr({}));
  function.setAllResultAttrs(attributes);
  for (unsigned i = 0; i < values.size(); ++i)
    function.setResultAttr(i, "tenon.name", builder.getStringAttr(i < options.outputs.size() ? options.outputs[i] : "output" + std::to_string(i)));
}

} // namespace

ArtifactModule detail::artifact_module(const std::vector<NamedFunction> &functions) {
  Table table;
  for (auto &f : functions)
    for (auto *v : f.variants) {
      for (auto &slot : v->slots)
        table.add(slot);
      for (auto &r : v->results)
        if (r.kind == Result::Slot)
          table.add(r.slot);
    }
  table.settle();
  ArtifactModule result{{}, ModuleOp::create(UnknownLoc::get(&record::context()))};
  OpBuilder b(result.module->getBodyRegion());
  add_state(b, table, result.numbers);
  for (auto &f : functions)
    for (size_t number = 0; number < f.variants.size(); ++number)
      add_function(*result.module, table, *f.variants[number], f.name, number ? f.name + "." + std::to_string(number) : f.name, f.options);
  return result;
}

void save_artifact(const std::string &path, const std::vector<ArtifactFunction> &functions, const ArtifactOptions &options, Location loc) {
  Lock lock;
  if (functions.empty())
    throw record::error("save_artifact", "expected at least one function", loc);
  std::vector<NamedFunction> named;
  std::set<std::string> names;
  for (auto &f : functions) {
    if (!f.function || f.function->variants.empty())
      throw record::error("save_artifact", "expected a function that was called once for every input shape it shall have, \"" + f.name + "\" was never called", loc);
    if (!names.insert(f.name).second)
      throw record::error("save_artifact", "expected functions of different names, got \"" + f.name + "\" twice", loc);
    named.push_back({f.name, variants_of(*f.function), f.function->options});
  }
  auto [numbers, module] = artifact_module(named);
  if (!options.captured.empty()) {
    std::error_code error;
    llvm::raw_fd_ostream out(options.captured, error);
    if (error)
      throw record::error("save_artifact", "cannot write " + options.captured + ": " + error.message(), loc);
    (*module)->print(out, OpPrintingFlags().enableDebugInfo(true));
  }
  compiler::Options compile;
  bool gpu = llvm::any_of(named, [](auto &f) { return llvm::any_of(f.variants, [](auto *v) { return device_of(*v->trace) != 0; }); });
  compile.target = !options.target.empty() ? options.target : gpu ? "cuda" : "host";
  if (auto error = compiler::compileModule(*module, compile, path))
    throw record::error("save_artifact", llvm::toString(std::move(error)), loc);
}

} // namespace tenon
