// The way down through MLIR's and LLVM's own passes.
#include "compiler/codegen/cpu/to_llvm.h"
#include "compiler/codegen/cpu/expand_half.h"
#include "compiler/codegen/cpu/expand_math.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"

using namespace mlir;
namespace tenon::compiler::cpu {

static LogicalResult run(ModuleOp m, StringRef pipeline) {
  static bool once = (registerAllPasses(), true);
  (void)once;
  PassManager pm(m.getContext());
  pm.enableVerifier(false);
  return success(succeeded(parsePassPipeline(pipeline, pm)) && succeeded(pm.run(m)));
}

namespace {
/// Without the instruction an fma would be a call per element.
struct SplitFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &r) const override {
    Value p = arith::MulFOp::create(r, op.getLoc(), op.getA(), op.getB());
    r.replaceOpWithNewOp<arith::AddFOp>(op, p, op.getC());
    return success();
  }
};
} // namespace

/// void tenon_<name>(void *const *arguments, int64_t begin, int64_t end)
static LogicalResult wrap(ModuleOp m, StringRef name) {
  OpBuilder b(m.getContext());
  auto ptr = LLVM::LLVMPointerType::get(m.getContext());
  auto f = m.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!f) return failure();
  f.setLinkage(LLVM::Linkage::Internal);
  b.setInsertionPointToEnd(m.getBody());
  Location loc = UnknownLoc::get(m.getContext());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(m.getContext()), {ptr, b.getI64Type(), b.getI64Type()});
  auto g = LLVM::LLVMFuncOp::create(b, loc, ("tenon_" + name).str(), type);
  g.setVisibility_(LLVM::Visibility::Hidden);
  Block *e = g.addEntryBlock(b);
  b.setInsertionPointToStart(e);
  SmallVector<Value> args;
  for (unsigned i = 0; i + 2 < f.getNumArguments(); ++i)
    args.push_back(LLVM::LoadOp::create(b, loc, ptr, LLVM::GEPOp::create(b, loc, ptr, ptr, e->getArgument(0), ArrayRef<LLVM::GEPArg>{(int32_t)i})));
  args.append({e->getArgument(1), e->getArgument(2)});
  LLVM::CallOp::create(b, loc, f, args);
  LLVM::ReturnOp::create(b, loc, ValueRange{});
  return success();
}

LogicalResult lowerToLLVM(ModuleOp m, const Target &target, ArrayRef<std::string> kernels) {
  if (failed(run(m, "cse,func.func(loop-invariant-code-motion)"))) return failure();
  RewritePatternSet p(m.getContext());
  populateExpandMathPatterns(p);
  populateMathPolynomialApproximationPatterns(p, MathPolynomialApproximationOptions());
  populateThroughSinglePatterns(p);
  arith::populateExpandBFloat16Patterns(p); // LLVM would call __truncsfbf2, which GCC 12's libgcc lacks
  if (!target.f16c) populateExpandHalfPatterns(p);
  if (failed(applyPatternsGreedily(m, std::move(p)))) return failure();
  if (!target.fma) {
    RewritePatternSet q(m.getContext());
    q.add<SplitFma>(m.getContext());
    if (failed(applyPatternsGreedily(m, std::move(q)))) return failure();
  }
  if (failed(run(m, "cse,expand-strided-metadata,lower-affine,convert-scf-to-cf,convert-math-to-llvm,convert-math-to-libm,convert-vector-to-llvm,"
                    "finalize-memref-to-llvm,convert-func-to-llvm{use-bare-ptr-memref-call-conv=1},convert-index-to-llvm,convert-arith-to-llvm,convert-cf-to-llvm,"
                    "convert-ub-to-llvm,reconcile-unrealized-casts")))
    return failure();
  moveBFloat16AsWords(m);
  for (const std::string &k : kernels)
    if (failed(wrap(m, k))) return failure();
  return success();
}

std::unique_ptr<llvm::Module> translate(ModuleOp m, const Target &target, llvm::TargetMachine &machine, llvm::LLVMContext &context) {
  auto module = translateModuleToLLVMIR(m, context);
  if (!module) return nullptr;
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  for (auto &f : *module) {
    f.addFnAttr("target-cpu", target.cpu);
    if (!target.features.empty()) f.addFnAttr("target-features", target.features);
    if (target.table.lanes == 16) f.addFnAttr("prefer-vector-width", "512");
    f.addFnAttr(llvm::Attribute::NoUnwind);
  }
  return module;
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager lam;
  llvm::FunctionAnalysisManager fam;
  llvm::CGSCCAnalysisManager cam;
  llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder pb(&machine);
  pb.registerModuleAnalyses(mam), pb.registerCGSCCAnalyses(cam), pb.registerFunctionAnalyses(fam), pb.registerLoopAnalyses(lam);
  pb.crossRegisterProxies(lam, fam, cam, mam);
  // Of O3's passes those that change this code (already vectorized, unrolled and inlined): nearly the same machine code in a fifth of the time.
  llvm::ModulePassManager passes;
  if (auto e = pb.parsePassPipeline(passes, "globaldce,function<eager-inv>(simplifycfg,sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm),early-cse<memssa>,"
                                            "loop-mssa(licm),gvn,instcombine<no-verify-fixpoint>,infer-alignment,dse,simplifycfg)"))
    llvm::report_fatal_error(std::move(e));
  passes.run(module, mam);
}

llvm::SmallVector<char> generate(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type) {
  llvm::SmallVector<char> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager pm;
  machine.addPassesToEmitFile(pm, os, nullptr, type);
  pm.run(module);
  return bytes;
}

} // namespace tenon::compiler::cpu
