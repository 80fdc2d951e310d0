// Random inputs and state go through both; labels stay small, floats positive (roots) and exact in every type.
#include "verify.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/evaluate.h"
#include "runtime/tenon.hpp"
#include <random>

using namespace mlir;
using tenon::compiler::Literal;

namespace {

std::mt19937_64 generator(1);

Literal randomLiteral(RankedTensorType type) {
  Literal l = Literal::zeros(type);
  std::uniform_real_distribution<float> real(0.05f, 0.9f);
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    tenon::compiler::Element e;
    if (isa<FloatType>(type.getElementType())) e.real = tenon::compiler::rounded(mlir::BFloat16Type::get(type.getContext()), real(generator));
    else e.integer = generator() & 1;
    l.set(i, e);
  }
  return l;
}

double element(const Literal &l, int64_t i) { return isa<FloatType>(l.type.getElementType()) ? l.get(i).real : double(l.get(i).integer); }

llvm::Error compare(const std::string &what, const Literal &wanted, const Literal &got) {
  Type e = wanted.type.getElementType();
  double tolerance = e.isF64() ? 1e-9 : e.isF32() ? 1e-4 : e.isBF16() ? 2e-2 : e.isF16() ? 4e-3 : 0, largest = 0;
  double floor = tolerance / 100; // inputs are of the order of 1: what cancels to less than this is rounding
  for (int64_t i = 0; i < wanted.type.getNumElements(); ++i) largest = std::max(largest, std::abs(element(wanted, i)));
  for (int64_t i = 0; i < wanted.type.getNumElements(); ++i) {
    double a = element(wanted, i), b = element(got, i);
    if (a != b && !(std::abs(a - b) <= tolerance * largest + floor) && !(std::isnan(a) && std::isnan(b)))
      return llvm::createStringError("verify: " + what + " element " + std::to_string(i) + ": the artifact gives " + std::to_string(b) + ", the reference evaluator " + std::to_string(a));
  }
  return llvm::Error::success();
}

llvm::Error failed() { return llvm::createStringError(std::string("verify: ") + tenon_last_error()); }

} // namespace

llvm::Error verifyArtifact(ModuleOp captured, llvm::StringRef path, uint32_t device) {
  tenon_options options{};
  options.device = device;
  tenon_model *model = nullptr;
  tenon_context *context = nullptr;
  if (tenon_model_load(path.str().c_str(), &model) || tenon_context_create(model, &options, &context)) return failed();
  uint32_t number = 0; // functions and state entries are in the module's order
  for (auto f : captured.getOps<func::FuncOp>()) {
    llvm::StringMap<Literal> values;
    tenon_state *state = nullptr;
    if (tenon_state_create_on(model, device, &state)) return failed();
    for (auto s : captured.getOps<tenon::ir::prim::StateOp>()) {
      if (s.getAlias()) continue;
      Literal l = randomLiteral(cast<RankedTensorType>(s.getType()));
      if (tenon_state_set(state, s.getSymName().str().c_str(), l.data.data(), l.data.size())) return failed();
      values[s.getSymName()] = l;
    }
    std::vector<Literal> inputs, outputs;
    for (Type t : f.getArgumentTypes()) inputs.push_back(randomLiteral(cast<RankedTensorType>(t)));
    for (Type t : f.getResultTypes()) outputs.push_back(randomLiteral(cast<RankedTensorType>(t)));
    std::vector<const void *> in;
    std::vector<void *> out;
    for (auto &l : inputs) in.push_back(l.data.data());
    for (auto &l : outputs) out.push_back(l.data.data());
    auto wanted = tenon::compiler::evaluate(f, inputs, values);
    std::string refusal = wanted ? "" : llvm::toString(wanted.takeError()); // by a check: the artifact must refuse too, and leave the state as it was
    tenon_status status = tenon_run(context, state, number++, in.data(), out.data());
    if (status && (refusal.empty() || status != TENON_ERROR_CHECK)) return failed();
    if (!status && !refusal.empty()) return llvm::createStringError("verify: " + f.getName().str() + ": the artifact runs, the reference evaluator says: " + refusal);
    for (size_t i = 0; i < outputs.size() && !status; ++i)
      if (auto e = compare(f.getName().str() + " output " + std::to_string(i), (*wanted)[i], outputs[i])) return e;
    for (auto &[name, value] : values) {
      Literal got = value;
      if (tenon_state_get(state, name.str().c_str(), got.data.data(), got.data.size())) return failed();
      if (auto e = compare(f.getName().str() + " state " + name.str(), value, got)) return e;
    }
    if (status) return llvm::createStringError(refusal);
    tenon_state_free(state);
  }
  tenon_context_free(context);
  tenon_model_free(model);
  return llvm::Error::success();
}
