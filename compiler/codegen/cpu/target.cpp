// Finds the target by name; one row per instruction set in the table of tiles.
#include "compiler/codegen/cpu/target.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "runtime/abi.h"

namespace tenon::compiler::cpu {

namespace {

/// The first row whose features the CPU has. Measured: accumulators must leave two registers for B's vectors and one for A's scalar.
struct Row { const char *feature; TileTable table; };
const Row rows[] = {
    {"avx512f", {.lanes = 16, .rows = 14, .vectors = 2}},
    {"avx2", {.lanes = 8, .rows = 6, .vectors = 2}},
    {"sse2", {.lanes = 4, .rows = 6, .vectors = 2}},
};

const std::pair<const char *, uint64_t> checked[] = {
    {"sse4.2", TENON_CPU_SSE42}, {"avx", TENON_CPU_AVX}, {"avx2", TENON_CPU_AVX2}, {"fma", TENON_CPU_FMA}, {"f16c", TENON_CPU_F16C},
    {"bmi2", TENON_CPU_BMI2}, {"avx512f", TENON_CPU_AVX512F}, {"avx512bw", TENON_CPU_AVX512BW}, {"avx512dq", TENON_CPU_AVX512DQ},
    {"avx512vl", TENON_CPU_AVX512VL}, {"avx512bf16", TENON_CPU_AVX512BF16}, {"avx512vnni", TENON_CPU_AVX512VNNI}};

const char *triple = "x86_64-pc-linux-gnu";

const llvm::Target *llvmTarget(std::string &error) {
  static bool once = (llvm::InitializeNativeTarget(), llvm::InitializeNativeTargetAsmPrinter(), true);
  (void)once;
  return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
}

} // namespace

std::unique_ptr<llvm::TargetMachine> Target::machine() const {
  std::string error;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict; // a*b+c is never contracted: fma is where the IR says so
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget(error)->createTargetMachine(llvm::Triple(triple), cpu, features, options, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

std::string Target::describe() const { return "x86_64 " + cpu + " " + std::to_string(table.lanes * 32) + "-bit vectors"; }

llvm::Expected<Target> findTarget(llvm::StringRef name) {
  std::string error;
  auto *llvmT = llvmTarget(error);
  if (!llvmT) return llvm::createStringError("the CPU target is not available: " + error);
  Target t;
  t.cpu = name == "host" || name.empty() ? llvm::sys::getHostCPUName().str() : name.str();
  if (name == "host" || name.empty())
    for (auto &f : llvm::sys::getHostCPUFeatures()) t.features += std::string(t.features.empty() ? "" : ",") + (f.second ? "+" : "-") + f.first().str();
  std::unique_ptr<llvm::MCSubtargetInfo> info(llvmT->createMCSubtargetInfo(llvm::Triple(triple), t.cpu, t.features));
  if (!info || !info->isCPUStringValid(t.cpu))
    return llvm::createStringError("target '" + t.cpu + "' is no CPU that LLVM knows; use \"host\", \"x86-64\", \"haswell\", \"znver3\", \"skylake-avx512\", ...");
  for (auto [feature, bit] : checked)
    if (info->checkFeatures(std::string("+") + feature)) t.required |= bit;
  // What neither x86-64-v4 has nor loading checks (half-precision arithmetic, AMX, ...) is not used: the artifact would end on a processor without it.
  std::unique_ptr<llvm::MCSubtargetInfo> most(llvmT->createMCSubtargetInfo(llvm::Triple(triple), "x86-64-v4", ""));
  for (auto &f : llvm::sys::getHostCPUFeatures())
    if (std::string name = f.first().str(); info->checkFeatures("+" + name) && !most->checkFeatures("+" + name) && llvm::none_of(checked, [&](auto &c) { return name == c.first; }))
      t.features += (t.features.empty() ? "-" : ",-") + name;
  t.fma = t.required & TENON_CPU_FMA, t.f16c = t.required & TENON_CPU_F16C;
  for (const Row &r : rows)
    if (info->checkFeatures(std::string("+") + r.feature)) { t.table = r.table; break; }
  if (t.table.lanes == 16) t.features += t.features.empty() ? "-prefer-256-bit" : ",-prefer-256-bit";
  return t;
}

} // namespace tenon::compiler::cpu
