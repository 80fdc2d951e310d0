// tenonc net.mlir -o net.so, tenonc net.onnx -o net.so: a captured module or a model to an artifact, or to the text of any stage on the way.
#include "compiler/api/compiler.h"
#include "compiler/api/onnx.h"
#include "compiler/onnx/import/import.h"
#include "onnx.h"
#include "verify.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace cl = llvm::cl;
using tenon::compiler::Options;

static cl::OptionCategory ours("Options");
static cl::opt<std::string> input(cl::cat(ours), cl::Positional, cl::desc("<module.mlir or model.onnx, - for standard input>"), cl::init("-"));
static cl::opt<std::string> output(cl::cat(ours), "o", cl::desc("where the result goes (text: standard output unless given)"), cl::init("-"));
static cl::opt<std::string> target(cl::cat(ours), "target", cl::desc("host, or a CPU name that LLVM knows: x86-64, haswell, znver3, skylake-avx512; or cuda, cuda:sm_90,sm_86; or both: host,cuda:sm_90"), cl::init("host"));
static cl::opt<std::string> emit(cl::cat(ours), "emit", cl::desc("captured, prim, kernels, plan, traffic, loops, cuda, llvm, asm, obj, onnx or so"), cl::init("so"));
static cl::opt<int64_t> opset(cl::cat(ours), "opset", cl::desc("of --emit=onnx: 13 to 17"), cl::init(17));
static cl::opt<bool> foldBatchNorm(cl::cat(ours), "fold-batch-norm", cl::desc("of --emit=onnx: batch norm becomes part of the layer before it"));
static cl::opt<std::string> function(cl::cat(ours), "function", cl::desc("of --emit=onnx: which function leaves"));
static cl::opt<std::string> printAfter(cl::cat(ours), "print-after-stage", cl::desc("also print what a stage left, to standard error"));
static cl::opt<bool> timing(cl::cat(ours), "timing", cl::desc("time of each stage, to standard error"));
static cl::opt<bool> remarks(cl::cat(ours), "remarks", cl::desc("say which values fusion left in memory, and why; what each kernel takes on a GPU"));
static cl::list<std::string> dims(cl::cat(ours), "dim", cl::desc("name=number: an open dimension of an ONNX model's inputs"));
static cl::list<std::string> values(cl::cat(ours), "value", cl::desc("name=numbers: elements of an ONNX model's input on which shapes depend"));
static cl::opt<bool> verifying(cl::cat(ours), "verify", cl::desc("run the artifact and the reference evaluator on random inputs and compare"));

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(ours); // LLVM's own work, but are not listed
  cl::ParseCommandLineOptions(argc, argv, "Tenon's compiler: training steps to artifacts\n");
  Options options;
  options.target = target, options.timing = timing, options.printAfterStage = printAfter, options.remarks = remarks;
  std::string kind = emit, where = output;
  bool check = verifying; // lld resets every option of the process
  auto context = tenon::compiler::makeContext();
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, context.get());
  std::unique_ptr<tenon::onnx::Model> model; // the module refers to its weights
  mlir::OwningOpRef<mlir::ModuleOp> module;
  if (llvm::StringRef(input).ends_with(".onnx")) {
    auto loaded = tenon::onnx::Model::load(input, *context);
    if (loaded) model = std::move(*loaded);
    auto imported = !loaded ? llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>(loaded.takeError()) : importOnnx(*model, input, {dims.begin(), dims.end()}, {values.begin(), values.end()}, *context);
    if (!imported) {
      llvm::errs() << "tenonc: " << llvm::toString(imported.takeError()) << "\n";
      return 1;
    }
    module = std::move(*imported);
  } else {
    module = mlir::parseSourceFile<mlir::ModuleOp>(input, sources, context.get());
  }
  if (!module) return 1;
  if ((kind == "so" || kind == "onnx") && where == "-") {
    llvm::errs() << "tenonc: it needs a file: -o net." << kind << "\n";
    return 2;
  }
  mlir::OwningOpRef<mlir::ModuleOp> before = check ? (*module).clone() : mlir::ModuleOp();
  tenon::compiler::OnnxOptions onnx;
  onnx.opset = opset, onnx.function = function, onnx.fold_batch_norm = foldBatchNorm;
  llvm::Error error = kind == "onnx" ? tenon::compiler::saveOnnx(*module, onnx, where) : kind == "so" ? tenon::compiler::compileModule(*module, options, where) : tenon::compiler::emitStage(*module, options, kind, where);
  auto [cpu, gpu] = tenon::compiler::devicesOf(options.target);
  for (uint32_t device : {0, 1})
    if (!error && check && kind == "so" && (device ? gpu : cpu)) error = verifyArtifact(*before, where, device);
  if (error) {
    llvm::errs() << "tenonc: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
