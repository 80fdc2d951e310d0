#include "frontend/onnx/replay.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <map>

namespace tenon::onnx {
using namespace detail;

namespace {

const record::Opcode &opcode_of(mlir::Operation &op) {
  static auto *known = new std::map<const void *, record::Opcode>;
  auto name = op.getName();
  // Autocast would change operands below types that are settled already.
  return known->try_emplace(name.getAsOpaquePointer(), record::Opcode{name, nullptr, size_t(std::max(1, name.getOpPropertyByteSize())), ir::Autocast::keep}).first->second;
}

/// Loops and branches: their bodies are copied, and stand in the structure as their text.
TensorList replay_control(mlir::Operation &op, const TensorList &operands, record::PropertyBytes properties, Location loc) {
  for (auto &t : operands) // all that the bodies use is among them
    prepare(Access::impl(t), GradMode::is_enabled() && t.requires_grad(), loc);
  auto &trace = current_trace();
  llvm::SmallVector<Number> numbers;
  bool flows = false;
  for (auto &t : operands) {
    auto number = number_of(trace, Access::impl(t), op_name(opcode_of(op)), loc);
    if (GradMode::is_enabled() && !t.requires_grad())
      number = without_gradient(trace, number, loc);
    numbers.push_back(number);
    flows |= GradMode::is_enabled() && trace.values[number].requires_grad;
  }
  Trace::AppendOptions options;
  options.requires_grad = flows;
  options.body_words = uint32_t(trace.words.size());
  std::string text;
  llvm::raw_string_ostream(text) << op;
  trace.words.insert(trace.words.end(), {tag_body, Word(uintptr_t(mlir::StringAttr::get(op.getContext(), text).getAsOpaquePointer()))});
  for (auto &region : op.getRegions()) {
    options.bodies.push_back(std::make_unique<mlir::Region>());
    mlir::IRMapping map;
    region.cloneInto(options.bodies.back().get(), map);
  }
  llvm::SmallVector<mlir::Type> types(op.getResultTypes());
  auto first = trace.append(opcode_of(op), numbers, properties, types, loc, std::move(options));
  return wrap_results(trace, first, types.size(), flows, loc);
}
} // namespace

TensorList replay(mlir::func::FuncOp function, const TensorList &arguments, Location loc) {
  llvm::DenseMap<mlir::Value, Tensor> tensors;
  for (auto [argument, t] : llvm::zip_equal(function.getArguments(), arguments))
    tensors[argument] = t;
  for (auto &op : function.getBody().front().without_terminator()) {
    TensorList operands, results;
    for (auto v : op.getOperands())
      operands.push_back(tensors.lookup(v));
    const auto &code = opcode_of(op);
    record::PropertyBytes properties{op.getPropertiesStorageSize() ? op.getPropertiesStorage().as<const void *>() : "", code.property_bytes};
    if (op.getNumRegions())
      results = replay_control(op, operands, properties, loc);
    else
      record::append(code, operands, properties, loc, results, llvm::SmallVector<mlir::Type>(op.getResultTypes()));
    for (auto [v, t] : llvm::zip_equal(op.getResults(), results))
      tensors[v] = t;
  }
  TensorList results;
  for (auto v : function.getBody().front().getTerminator()->getOperands())
    results.push_back(tensors.lookup(v));
  return results;
}

} // namespace tenon::onnx
