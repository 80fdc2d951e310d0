// The compiler's face: contexts, whole compilations, and what a cache must key on.
#include "compiler/api/build_id.h"
#include "compiler/api/compiler.h"
#include "compiler/codegen/cuda/nvrtc.h"
#include "compiler/codegen/image.h"
#include "compiler/dialect/dialects.h"
#include "compiler/codegen/link.h"
#include "compiler/pipeline/pipeline.h"
#include "compiler/dialect/kernel/Kernel.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
namespace tenon::compiler {

std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  ir::registerDialects(registry);
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadDialect<ir::kernel::KernelDialect, func::FuncDialect, arith::ArithDialect, math::MathDialect, linalg::LinalgDialect, tensor::TensorDialect, vector::VectorDialect,
                       scf::SCFDialect, memref::MemRefDialect, gpu::GPUDialect, LLVM::LLVMDialect>();
  ir::loadDialects(*context);
  return context;
}

namespace {
/// Says how long each stage took.
struct Clock {
  bool on;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  void lap(const char *stage) {
    auto now = std::chrono::steady_clock::now();
    if (on) llvm::errs() << llvm::format("%9.1f ms  %s\n", std::chrono::duration<double, std::milli>(now - last).count(), stage);
    last = now;
  }
};
} // namespace

/// Runs the pipeline until `stage`, showing stages that were asked for on the way.
static llvm::Error runUntil(Pipeline &p, const Options &options, StringRef stage) {
  Clock clock{options.timing};
  p.remarks = options.remarks;
  using Step = llvm::Error (Pipeline::*)();
  const std::pair<const char *, Step> steps[] = {{"captured", nullptr}, {"prim", &Pipeline::toPrim}, {"kernels", &Pipeline::toKernels}, {"plan", &Pipeline::toPlan},
                                                 {"llvm", &Pipeline::toLLVM}, {"optimized", &Pipeline::optimize}};
  for (auto [name, step] : steps) {
    if (step)
      if (auto e = (p.*step)()) return e;
    clock.lap(name);
    if (options.printAfterStage == name) p.print(name, llvm::errs());
    if (stage == name) break;
  }
  return llvm::Error::success();
}

/// A pipeline for the target: a CPU's, a GPU's beside any processor, or one of each. `complete`: NVRTC will be asked, and is asked first whether it knows the architectures.
static llvm::Expected<std::unique_ptr<Pipeline>> pipelineFor(ModuleOp captured, const Options &options, bool complete) {
  auto [cpu, gpu] = cuda::splitTarget(options.target);
  auto target = cpu::findTarget(cpu.empty() && !gpu.empty() ? "x86-64" : cpu);
  if (!target) return target.takeError();
  if (gpu.empty()) return std::make_unique<Pipeline>(captured, *target);
  auto found = cuda::findTarget(gpu);
  if (!found) return found.takeError();
  if (complete)
    if (auto e = cuda::checkArchitectures(found->architectures)) return e;
  if (cpu.empty()) return std::make_unique<Pipeline>(captured, *target, *found);
  auto both = std::make_unique<Pipeline>(captured, *target);
  both->addGpus(*found);
  return both;
}

llvm::Error compileModule(ModuleOp captured, const Options &options, StringRef path) {
  auto made = pipelineFor(captured, options, /*complete=*/true);
  if (!made) return made.takeError();
  Pipeline &p = **made;
  if (auto e = runUntil(p, options, "optimized")) return e;
  Clock clock{options.timing};
  if (auto e = p.toArtifact(path)) return e;
  clock.lap("artifact");
  return llvm::Error::success();
}

llvm::Error emitStage(ModuleOp captured, const Options &options, StringRef stage, StringRef path) {
  StringRef until = llvm::StringSwitch<StringRef>(stage).Cases({"captured", "prim", "kernels", "plan", "llvm"}, stage).Cases({"loops", "cuda", "traffic"}, "plan").Cases({"asm", "obj"}, "optimized").Default("");
  if (until.empty()) return llvm::createStringError("no stage is called '" + stage.str() + "'; there are captured, prim, kernels, plan, traffic, loops, cuda, llvm, asm, obj and so");
  auto made = pipelineFor(captured, options, until == "llvm" || until == "optimized");
  if (!made) return made.takeError();
  Pipeline &p = **made;
  if (stage == "cuda" && !p.gpu && !p.gpus) return llvm::createStringError("the stage cuda is of targets like cuda or cuda:sm_90");
  if (auto e = runUntil(p, options, until)) return e;
  std::string text;
  llvm::raw_string_ostream os(text);
  p.print(stage, os);
  if (path == "-") {
    llvm::outs() << text;
    return llvm::Error::success();
  }
  return writeAtomically(path, llvm::ArrayRef<char>(text.data(), text.size()));
}

Devices devicesOf(StringRef target) {
  auto [cpu, gpu] = cuda::splitTarget(target);
  return {gpu.empty() || !cpu.empty(), !gpu.empty()};
}

std::string buildKey(const Options &options) {
  auto [cpu, gpu] = cuda::splitTarget(options.target);
  std::string key = compilerVersion() + " " + buildId();
  if (!gpu.empty()) { // NVRTC itself is not asked: who has the compiled form does not need it
    const char *chosen = std::getenv("TENON_LIBNVRTC");
    key += " " + gpu.str() + " NVRTC " + (chosen ? chosen : "");
    if (cpu.empty()) return key;
  }
  auto target = cpu::findTarget(cpu);
  if (!target) {
    llvm::consumeError(target.takeError());
    return key + " " + cpu.str();
  }
  return key + " " + target->cpu + " " + target->features;
}

} // namespace tenon::compiler
