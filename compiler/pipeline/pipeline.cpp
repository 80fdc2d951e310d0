// The stages: captured, prim, kernels, plan, target. Each ends verified.
#include "compiler/pipeline/pipeline.h"
#include "compiler/codegen/cpu/emit.h"
#include "compiler/codegen/cpu/to_llvm.h"
#include "compiler/codegen/cuda/emit.h"
#include "compiler/codegen/cuda/nvrtc.h"
#include "compiler/codegen/cuda/print.h"
#include "compiler/codegen/cuda/resources.h"
#include "compiler/codegen/link.h"
#include "compiler/lower/passes.h"
#include "compiler/transform/pipeline.h"

using namespace mlir;
namespace tenon::compiler {

/// Runs passes; what they say of errors becomes the message.
static llvm::Error run(ModuleOp module, const char *stage, llvm::function_ref<void(OpPassManager &)> build) {
  std::string said;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &d) {
    if (d.getSeverity() != DiagnosticSeverity::Error) return failure();
    if (said.empty()) {
      std::string lines = linesOf(d.getLocation());
      said = d.str() + (lines.empty() ? "" : " (" + lines + ")");
    }
    return success();
  });
  PassManager pm(module.getContext());
  pm.enableVerifier(false);
  build(pm);
  if (failed(pm.run(module)) || failed(verify(module)))
    return llvm::createStringError(said.empty() ? std::string("the ") + stage + " stage failed" : said);
  return llvm::Error::success();
}

void Pipeline::addGpus(cuda::Target gpu) { gpus = std::make_unique<Pipeline>(nullptr, target, std::move(gpu)); }

llvm::Error Pipeline::toPrim() {
  if (auto e = run(module, "prim", [](OpPassManager &pm) { addPrimPipeline(pm); })) return e;
  if (gpus) gpus->copy = module.clone(), gpus->module = *gpus->copy;
  return llvm::Error::success();
}

llvm::Error Pipeline::toKernels() {
  if (gpus) {
    gpus->remarks = remarks;
    if (auto e = gpus->toKernels()) return e;
  }
  const TileTable &table = gpu ? gpu->table : target.table;
  return run(module, "kernels", [&](OpPassManager &pm) {
    pm.addNestedPass<func::FuncOp>(createLiftChecksPass());
    pm.addPass(createStateToArgumentsPass());
    OpPassManager &f = pm.nest<func::FuncOp>();
    f.addPass(createLowerToLinalgPass());
    f.addPass(createCSEPass());
    f.addPass(createHoistFromLoopsPass());
    f.addPass(createFusePointwisePass());
    f.addPass(createCanonicalizerPass());
    f.addPass(createCSEPass());
    pm.addPass(createOutlineLoopsPass());
    pm.addNestedPass<func::FuncOp>(createRecomputePass(table));
    pm.addNestedPass<func::FuncOp>(createFusePointwisePass());
    pm.addNestedPass<func::FuncOp>(createCSEPass());
    pm.addNestedPass<func::FuncOp>(createSplitReductionsPass(table));
    pm.addNestedPass<func::FuncOp>(createChooseLayoutsPass());
    pm.addNestedPass<func::FuncOp>(createFormKernelsPass(table, remarks));
  });
}

llvm::Error Pipeline::toPlan() {
  if (gpus)
    if (auto e = gpus->toPlan()) return e;
  loops = ModuleOp::create(UnknownLoc::get(module.getContext()));
  std::vector<Emission> emissions;
  auto planned = makePlan(module, [&](const PlanKernel &k) {
    size_t number = std::stoul(k.name.substr(1));
    if (number == emissions.size()) {
      Emission &e = emissions.emplace_back();
      if (gpu) e = cuda::emitKernel(k.grid, *loops, k.name);
      else for (auto &a : cpu::emitKernel(k.grid, *loops, k.name, target.table).arguments)
        if (a.kind == cpu::EmittedArgument::Workspace) e.workspaces.push_back(a.bytes);
    }
    return emissions[number];
  });
  if (!planned) return planned.takeError();
  plan = std::move(*planned);
  if (failed(verify(*loops))) return llvm::createStringError("the loops of a kernel do not verify");
  if (gpu) {
    if (auto e = joinLaunches(plan, emissions)) return e;
    if (auto e = tidy()) return e;
    auto printed = cuda::printProgram(*loops, plan);
    if (!printed) return printed.takeError();
    text = std::move(*printed);
  }
  return llvm::Error::success();
}

/// What is the same for all threads or elements leaves their loops, and is computed once.
llvm::Error Pipeline::tidy() {
  PassManager pm(module.getContext());
  pm.enableVerifier(false);
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  if (failed(pm.run(*loops))) return llvm::createStringError("the kernels were not simplified");
  return llvm::Error::success();
}

/// Kernels that do not fit the registers are remarks; `remarks`: what each of them takes.
llvm::Error Pipeline::describeKernels(const cuda::Image &image) {
  auto kernels = cuda::readResources({image.bytes.data(), image.bytes.size()});
  if (!kernels) return kernels.takeError();
  for (const PlanKernel &k : plan.kernels)
    if (auto r = kernels->find(k.name); r != kernels->end()) {
      auto [registers, local] = r->second;
      Operation *f = loops->lookupSymbol(k.parts.empty() ? k.name : k.parts.front().kernel);
      if (local || remarks)
        emitRemark(f ? f->getLoc() : UnknownLoc::get(module.getContext())) << k.name << " (" << k.source << ") on " << image.architecture.name() << ": " << registers << " registers"
                                     << (local ? ", and " + std::to_string(local) + " bytes of a thread's values are in memory" : "");
    }
  return llvm::Error::success();
}

llvm::Expected<DeviceCode> Pipeline::toImages() {
  auto compiled = cuda::compileProgram(text, gpu->architectures);
  if (!compiled) return compiled.takeError();
  DeviceCode made{plan, gpu->describe(), {}, compiled->version, cuda::threads};
  for (auto &image : compiled->all)
    if (image.architecture.machine)
      if (auto e = describeKernels(image)) return e;
  for (auto &[a, bytes] : compiled->all) made.images.push_back({uint32_t(a.machine ? TENON_IMAGE_CUBIN : TENON_IMAGE_PTX), uint32_t(a.number + 1000 * a.specific), bytes});
  return made;
}

llvm::Error Pipeline::toLLVM() {
  std::optional<DeviceCode> images;
  if (gpu || gpus) {
    auto made = gpu ? toImages() : gpus->toImages();
    if (!made) return made.takeError();
    images.emplace(std::move(*made));
  }
  machine = target.machine();
  if (gpu) { // a library that has no code of its own
    code = std::make_unique<llvm::Module>("kernels", context);
    code->setTargetTriple(machine->getTargetTriple());
    code->setDataLayout(machine->createDataLayout());
    writeImage(nullptr, "", &*images, *code);
    return llvm::Error::success();
  }
  std::vector<std::string> names;
  for (auto &k : plan.kernels) names.push_back(k.name);
  if (failed(cpu::lowerToLLVM(*loops, target, names))) return llvm::createStringError("the kernels did not reach LLVM's dialect");
  code = cpu::translate(*loops, target, *machine, context);
  if (!code) return llvm::createStringError("the kernels did not translate to LLVM IR");
  writeImage(&plan, target.describe(), images ? &*images : nullptr, *code);
  return llvm::Error::success();
}

llvm::Error Pipeline::optimize() {
  if (!gpu) cpu::optimize(*code, *machine);
  return llvm::Error::success();
}

llvm::Error Pipeline::toArtifact(llvm::StringRef path) {
  return linkArtifact(cpu::generate(*code, *machine, llvm::CodeGenFileType::ObjectFile), target.required, path);
}

void Pipeline::print(llvm::StringRef stage, llvm::raw_ostream &os) {
  if (gpus && stage == "cuda") return gpus->print(stage, os);
  if (gpus && (stage == "kernels" || stage == "plan" || stage == "traffic" || stage == "loops")) gpus->print(stage, os);
  if (stage == "plan") plan.print(os);
  else if (stage == "traffic") plan.printTraffic(os);
  else if (stage == "cuda") os << text;
  else if (stage == "loops") loops->print(os);
  else if (stage == "llvm" || stage == "optimized") code->print(os, nullptr);
  else if (stage == "asm" || stage == "obj") {
    auto bytes = cpu::generate(*code, *machine, stage == "asm" ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile);
    os.write(bytes.data(), bytes.size());
  } else module.print(os);
}

} // namespace tenon::compiler
