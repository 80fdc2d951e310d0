// Anomaly mode: results are looked at after a step; where they are not numbers, the evaluator goes through it op by op.
#include "frontend/tensor/anomaly.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/evaluate.h"
#include "frontend/tensor/program.h"
#include <atomic>
#include <cmath>
#include <cstring>

namespace tenon {

namespace autograd {
namespace {
std::atomic<bool> enabled = false, check_nan = true;
}
bool AnomalyMode::is_enabled() { return enabled; }
bool AnomalyMode::should_check_nan() { return check_nan; }
void AnomalyMode::set_enabled(bool on, bool check) {
  enabled = on;
  check_nan = check;
}
} // namespace autograd

namespace detail {

namespace prim = ir::prim;

namespace {

/// The first NaN and the first Inf among numbers; -1: none.
struct Strange {
  int64_t nan = -1, inf = -1;
  bool any() const { return nan >= 0 || inf >= 0; }
};
template <class T> Strange look(const void *data, int64_t n) {
  Strange found;
  auto *numbers = static_cast<const T *>(data);
  for (int64_t i = 0; i < n && (found.nan < 0 || found.inf < 0); ++i)
    if (auto x = double(numbers[i]); !std::isfinite(x))
      if (auto &at = std::isnan(x) ? found.nan : found.inf; at < 0)
        at = i;
  return found;
}
Strange look(mlir::Type tensor, const void *data) {
  auto type = llvm::cast<mlir::RankedTensorType>(tensor);
  if (!llvm::isa<mlir::FloatType>(type.getElementType()))
    return {};
  switch (dtype_of_type(type.getElementType())) {
  case kDouble:
    return look<double>(data, type.getNumElements());
  case kFloat:
    return look<float>(data, type.getNumElements());
  case kHalf:
    return look<Half>(data, type.getNumElements());
  default:
    return look<BFloat16>(data, type.getNumElements());
  }
}

/// Goes through a step op by op.
struct Search {
  llvm::SmallVector<mlir::Operation *> written; // ops of the trace by place (lines.cpp)
  int64_t last = -1;                            // place of the youngest op so far: what is older and comes later is of its gradient
  std::string found;

  static int64_t place(mlir::Operation &op) {
    auto line = op.getLoc()->findInstanceOf<mlir::FileLineColLoc>();
    return line ? int64_t(line.getLine()) : -1;
  }
  void visit(mlir::Operation &op, const compiler::EvaluatedValues &value) {
    auto at = place(op);
    bool backward = at >= 0 && at < last;
    last = std::max(last, at);
    if (!found.empty() || op.getNumResults() == 0 || op.hasTrait<mlir::OpTrait::ConstantLike>())
      return;
    Strange before;
    for (auto operand : op.getOperands()) {
      auto s = look(operand.getType(), value(operand).data.data());
      before = {std::max(before.nan, s.nan), std::max(before.inf, s.inf)};
    }
    for (auto result : op.getResults()) {
      auto s = look(result.getType(), value(result).data.data());
      bool nan = s.nan >= 0 && before.nan < 0;
      if (!nan && (s.inf < 0 || before.any() || llvm::isa<prim::ReadOp>(op)))
        continue;
      auto name = op.getName().stripDialect().str();
      auto user = at >= 0 && at < int64_t(written.size()) ? written[size_t(at)]->getName().stripDialect().str() : name;
      auto what = std::string(nan ? "NaN" : "Inf") + " of the step, in element " + std::to_string(nan ? s.nan : s.inf) + " of " +
                  record::text_of(llvm::cast<mlir::RankedTensorType>(result.getType()));
      if (llvm::isa<prim::ReadOp>(op))
        found = "a tensor that the step was given holds the first " + what;
      else
        found = (backward ? "the gradient of " : "") + user + (user == name ? "" : " (in its " + name + ")") + " gave the first " + what;
      found += " (@op:" + std::to_string(at) + ")";
      return;
    }
  }
};

} // namespace

void run_watched(const Program &program, Executable &executable, llvm::ArrayRef<RunSlot> run_slots, llvm::ArrayRef<RunInput> run_inputs, llvm::ArrayRef<Storage *> run_outputs) {
  auto &trace = program.trace;
  std::vector<std::vector<char>> before;
  for (auto [slot, entry] : llvm::zip(run_slots, trace.entries)) {
    auto *bytes = static_cast<const char *>(slot.storage->host());
    before.emplace_back(bytes, bytes + size_t(entry.type.getNumElements()) * tenon::element_size(dtype_of_type(entry.type.getElementType())));
  }
  run(executable, trace, run_slots, run_inputs, run_outputs);
  std::vector<void *> slots, outputs;
  std::vector<const void *> inputs;
  for (auto &slot : run_slots)
    slots.push_back(slot.storage->host(slot.written ? Use::Change : Use::Read));
  for (auto &input : run_inputs)
    inputs.push_back(input.bytes ? input.bytes : input.storage->host());
  for (auto *output : run_outputs)
    outputs.push_back(output->host(Use::Read));
  bool strange = false;
  for (auto [i, n] : llvm::enumerate(program.outputs))
    strange |= look(trace.type(n), outputs[i]).any();
  for (auto &[entry, n] : program.writes)
    strange |= look(trace.type(n), slots[entry]).any();
  if (!strange)
    return;

  Search search;
  trace.function.getBody().walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) { search.written.push_back(op); });
  auto module = program.module();
  number_places(*module);
  auto literal = [](mlir::Type type, const void *data) {
    auto l = compiler::Literal::zeros(llvm::cast<mlir::RankedTensorType>(type));
    std::memcpy(l.data.data(), data, l.data.size());
    return l;
  };
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  llvm::SmallVector<compiler::Literal> arguments;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    arguments.push_back(literal(type, inputs[i]));
  llvm::StringMap<compiler::Literal> state;
  for (auto [i, entry] : llvm::enumerate(trace.entries))
    state["s" + std::to_string(i)] = literal(entry.type, before[i].data());
  auto results = compiler::evaluate(function, arguments, state, [&](mlir::Operation &op, const compiler::EvaluatedValues &value) { search.visit(op, value); });
  if (!results)
    throw Error(with_lines(llvm::toString(results.takeError()), trace));
  if (search.found.empty()) // of infinities that the program wrote
    return;
  for (auto [slot, bytes] : llvm::zip(slots, before))
    std::memcpy(slot, bytes.data(), bytes.size());
  throw Error("anomaly mode: " + with_lines(search.found, trace));
}

} // namespace detail
} // namespace tenon
