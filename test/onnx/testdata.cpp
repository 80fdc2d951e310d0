// Every case of libonnx-testdata: loaded, compiled, run, compared. Two processes share the work; one that dies costs its case alone.
//
//   onnx_testdata [--only PART] [--table FILE [--write]] [--data FOLDER]    a folder of the same layout: SET/CASE/{model.onnx,test_data_set_N/*.pb}
#include "compiler/api/compiler.h"
#include "compiler/onnx/import/import.h"
#include "compiler/onnx/import/tensor_file.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/tenon.h"
#include "test/onnx/report.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
namespace fs = std::filesystem;
using tenon::ir::Literal;
using tenon::test::Outcome;

namespace {

fs::path data = "/usr/share/libonnx-testdata/data";

struct Case {
  std::string set, name;
  fs::path folder;
};

tenon_type typeOf(Type e) {
  return e.isF32() ? TENON_FLOAT32 : e.isF64() ? TENON_FLOAT64 : e.isBF16() ? TENON_BFLOAT16 : e.isF16() ? TENON_FLOAT16 : e.isInteger(32) ? TENON_INT32 : e.isInteger(64) ? TENON_INT64 : TENON_BOOL;
}
tenon_array view(Literal &x) { return {x.data.data(), typeOf(x.type.getElementType()), uint32_t(x.type.getRank()), x.type.getShape().data()}; }

std::string told(llvm::Error e) {
  std::string text = llvm::toString(std::move(e));
  if (auto at = text.find("model.onnx: "); at != std::string::npos)
    text = text.substr(at + 12);
  for (char &c : text)
    if (c == '\n' || c == '|')
      c = ' ';
  return text.substr(0, 240);
}

/// Numpy has no bfloat16: the data holds its bits as uint16.
Literal asDeclared(Literal l, Type element) {
  if (!element || !element.isBF16() || !l.type.getElementType().isInteger(32))
    return l;
  Literal bits = Literal::zeros(RankedTensorType::get(l.type.getShape(), element));
  for (int64_t i : llvm::seq(l.type.getNumElements())) {
    uint16_t v = uint16_t(l.get(i).integer);
    std::memcpy(bits.data.data() + 2 * i, &v, 2);
  }
  return bits;
}

/// Tolerances are those of ONNX's own test runner: 1e-3 of each element, and 1e-7.
std::string compare(const Literal &got, const Literal &wanted, const std::string &what) {
  if (got.type != wanted.type)
    return what + " has another shape or type";
  bool real = isa<FloatType>(got.type.getElementType());
  for (int64_t i : llvm::seq(got.type.getNumElements())) {
    double a = real ? got.get(i).real : double(got.get(i).integer), b = real ? wanted.get(i).real : double(wanted.get(i).integer);
    bool equal = a == b || (std::isnan(a) && std::isnan(b)) || (real && std::fabs(a - b) <= 1e-3 * std::fabs(b) + 1e-7);
    if (!equal)
      return what + ": element " + std::to_string(i) + " is " + std::to_string(a) + ", expected " + std::to_string(b);
  }
  return "";
}

std::string runSet(const tenon::onnx::Model &model, const fs::path &set, MLIRContext &context) {
  std::vector<tenon::onnx::Input> inputs;
  for (size_t i = 0; i < model.inputs().size(); ++i) {
    if (!model.inputs()[i].element)
      return "input '" + model.inputs()[i].name + "' is " + model.inputs()[i].elementName + ", which has no form in Tenon";
    auto l = tenon::onnx::readTensor((set / ("input_" + std::to_string(i) + ".pb")).string(), context);
    if (!l)
      return told(l.takeError());
    Literal given = asDeclared(*l, model.inputs()[i].element);
    inputs.push_back({given.type, given});
  }
  std::vector<Literal> values;
  for (auto &i : inputs) {
    values.push_back(*i.known);
    i.known.reset();
  }
  // Only what decides shapes is known when importing.
  OwningOpRef<ModuleOp> module;
  for (;;) {
    auto made = tenon::onnx::importModule(model, inputs, context);
    if (made) {
      module = std::move(*made);
      break;
    }
    int wanted = model.wanted();
    if (wanted < 0 || inputs[wanted].known)
      return told(made.takeError());
    llvm::consumeError(made.takeError());
    inputs[wanted].known = values[wanted];
  }
  std::string path = (fs::temp_directory_path() / ("tenon_onnx_" + std::to_string(getpid()) + ".so")).string();
  if (auto e = tenon::compiler::compileModule(*module, {}, path))
    return "it does not compile: " + told(std::move(e));
  tenon_model *loaded = nullptr;
  tenon_state *state = nullptr;
  tenon_context *runs = nullptr;
  bool ready = tenon_model_load(path.c_str(), &loaded) == TENON_OK && tenon_context_create(loaded, nullptr, &runs) == TENON_OK && tenon_state_create(loaded, &state) == TENON_OK;
  fs::remove(path);
  std::string why;
  if (!ready) {
    why = std::string("it does not load: ") + tenon_last_error();
  } else {
    std::vector<tenon_array> in, out;
    std::vector<Literal> wanted, got;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!inputs[i].known)
        in.push_back(view(values[i]));
    for (size_t i = 0; i < model.outputs().size() && why.empty(); ++i) {
      auto l = tenon::onnx::readTensor((set / ("output_" + std::to_string(i) + ".pb")).string(), context);
      if (!l)
        why = told(l.takeError());
      else
        wanted.push_back(asDeclared(*l, model.outputs()[i].element));
    }
    for (auto &l : wanted)
      got.push_back(Literal::zeros(l.type));
    for (auto &l : got)
      out.push_back(view(l));
    if (why.empty() && tenon_call(runs, state, "predict", in.data(), in.size(), out.data(), out.size()) != TENON_OK)
      why = std::string("it does not run: ") + tenon_last_error();
    for (size_t i = 0; i < wanted.size() && why.empty(); ++i)
      why = compare(got[i], wanted[i], "output " + std::to_string(i));
  }
  tenon_state_free(state);
  tenon_context_free(runs);
  tenon_model_free(loaded);
  return why;
}

Outcome run(const Case &c) {
  Outcome o{c.set, c.name, "", {}};
  auto context = tenon::compiler::makeContext();
  ScopedDiagnosticHandler quiet(context.get(), [](Diagnostic &) { return success(); });
  auto model = tenon::onnx::Model::load((c.folder / "model.onnx").string(), *context);
  if (!model) {
    o.why = told(model.takeError());
    return o;
  }
  // Lines are "y = domain.Op(x)".
  std::istringstream lines((*model)->print());
  std::set<std::string> ops;
  for (std::string line; std::getline(lines, line);) {
    auto from = line.find(" = ") + 3;
    ops.insert(line.substr(from, line.find('(', from) - from));
  }
  o.ops.assign(ops.begin(), ops.end());
  for (int k = 0; o.why.empty() && fs::exists(c.folder / ("test_data_set_" + std::to_string(k))); ++k)
    o.why = runSet(**model, c.folder / ("test_data_set_" + std::to_string(k)), *context);
  return o;
}

/// Lines of a file: case number, why, ops, between tabs. A line without why is a case that was begun.
void work(const std::vector<Case> &cases, size_t first, size_t step, const fs::path &file) {
  for (size_t next = first; next < cases.size();) {
    pid_t child = fork();
    if (child == 0) {
      std::ofstream out(file, std::ios::app);
      for (size_t i = next; i < cases.size(); i += step) {
        out << i << std::endl;
        Outcome o = run(cases[i]);
        out << i << "\t" << o.why << "\t";
        for (auto &op : o.ops)
          out << op << " ";
        out << std::endl;
      }
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      return;
    std::ifstream in(file);
    std::string line;
    size_t last = first;
    while (std::getline(in, line))
      last = std::stoul(line);
    std::ofstream(file, std::ios::app) << last << "\tthe process died\t" << std::endl;
    next = last + step;
  }
}

} // namespace

int main(int argc, char **argv) {
  std::string only, table;
  bool write = false;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--only" && i + 1 < argc)
      only = argv[++i];
    else if (a == "--table" && i + 1 < argc)
      table = argv[++i];
    else if (a == "--data" && i + 1 < argc)
      data = argv[++i], only = "/";
    else if (a == "--write")
      write = true;
  }
  if (!fs::exists(data)) {
    std::cerr << data << " is not there: install libonnx-testdata (tools/setup)\n";
    return 1;
  }
  std::vector<Case> cases;
  std::vector<std::string> sets;
  for (auto &e : fs::directory_iterator(data))
    if (e.is_directory())
      sets.push_back(e.path().filename().string());
  std::sort(sets.begin(), sets.end());
  for (const std::string &set : sets) {
    std::vector<fs::path> folders;
    for (auto &e : fs::directory_iterator(data / set))
      if (fs::exists(e.path() / "model.onnx") && (set + "/" + e.path().filename().string()).find(only) != std::string::npos)
        folders.push_back(e.path());
    std::sort(folders.begin(), folders.end());
    for (auto &f : folders)
      cases.push_back({set, f.filename().string(), f});
  }
  constexpr size_t processes = 2;
  std::vector<pid_t> children;
  std::vector<fs::path> files;
  for (size_t p = 0; p < processes; ++p) {
    files.push_back(fs::temp_directory_path() / ("tenon_onnx_" + std::to_string(getpid()) + "_" + std::to_string(p)));
    if (pid_t child = fork())
      children.push_back(child);
    else {
      work(cases, p, processes, files[p]);
      _exit(0);
    }
  }
  for (pid_t c : children)
    waitpid(c, nullptr, 0);
  std::vector<Outcome> outcomes;
  for (auto &c : cases)
    outcomes.push_back({c.set, c.name, "it was not run", {}});
  for (auto &file : files) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line))
      if (auto tab = line.find('\t'); tab != std::string::npos) {
        auto second = line.find('\t', tab + 1);
        Outcome &o = outcomes[std::stoul(line)];
        o.why = line.substr(tab + 1, second - tab - 1);
        std::istringstream ops(line.substr(second + 1));
        for (std::string op; ops >> op;)
          o.ops.push_back(op);
      }
    fs::remove(file);
  }
  if (!only.empty()) {
    size_t passed = 0;
    for (auto &o : outcomes) {
      passed += o.why.empty();
      if (!o.why.empty())
        std::cout << o.set << "/" << o.name << ": " << o.why << "\n";
    }
    std::cout << passed << " of " << outcomes.size() << " pass\n";
    return passed == outcomes.size() ? 0 : 1;
  }
  std::string text = tenon::test::tableOf(outcomes), lacking = tenon::test::shortcomings(outcomes);
  std::cout << text << lacking;
  if (!table.empty()) {
    std::stringstream committed;
    committed << std::ifstream(table).rdbuf();
    std::string before = committed.str();
    before = before.substr(0, before.find(tenon::test::tableBegins));
    if (write)
      std::ofstream(table) << before << text;
    else if (committed.str() != before + text)
      lacking += table + " is not current: onnx_testdata --table " + table + " --write\n";
  }
  std::cerr << lacking;
  return lacking.empty() ? 0 : 1;
}
