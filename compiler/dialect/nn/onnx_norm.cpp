// nn in ONNX: normalisation and recurrent layers.
#include "compiler/dialect/nn/onnx.h"

using namespace mlir;
namespace tenon::ir::nn {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

/// Weight and bias of these extents, ones and zeros where they are not.
static SmallVector<std::string> affine(OnnxBuilder &o, ValueRange given, RankedTensorType x, ArrayRef<int64_t> extents) {
  SmallVector<std::string> result;
  for (unsigned i : {0u, 1u})
    result.push_back(given.size() > i ? o(given[i]) : o.expand(o.number(x.getElementType(), i ? 0 : 1), extents));
  return result;
}

/// Double precision: ONNX's eps is single.
template <class Op> static bool wide(Op op) { return tensorOf(op.getX()).getElementType().isF64(); }

OnnxForm onnx(BatchNormOp op, OnnxBuilder &o) {
  RankedTensorType x = tensorOf(op.getX());
  if (wide(op))
    return std::nullopt;
  SmallVector<std::string> parameters = affine(o, op.getAffine(), x, x.getDimSize(1));
  return OnnxNames{o.node("BatchNormalization", {o(op.getX()), parameters[0], parameters[1], o(op.getMean()), o(op.getVariance())}, {{"epsilon", op.getEps().convertToDouble()}})};
}
/// Only where nobody asks for the moments.
OnnxForm onnx(InstanceNormOp op, OnnxBuilder &o) {
  RankedTensorType x = tensorOf(op.getX());
  if (!op.getMean().use_empty() || !op.getVariance().use_empty() || x.getRank() < 3 || wide(op))
    return std::nullopt;
  SmallVector<std::string> parameters = affine(o, op.getAffine(), x, x.getDimSize(1));
  return OnnxNames{o.node("InstanceNormalization", {o(op.getX()), parameters[0], parameters[1]}, {{"epsilon", op.getEps().convertToDouble()}}), "", ""};
}
/// Each group as one channel of InstanceNormalization, then weight and bias per channel.
OnnxForm onnx(GroupNormOp op, OnnxBuilder &o) {
  RankedTensorType x = tensorOf(op.getX());
  if (wide(op))
    return std::nullopt;
  int64_t groups = op.getGroups(), rank = x.getRank();
  SmallVector<int64_t> flat{x.getDimSize(0), groups, x.getDimSize(0) ? x.getNumElements() / x.getDimSize(0) / groups : 0};
  SmallVector<std::string> parameters = affine(o, {}, x, groups);
  std::string y = o.node("InstanceNormalization", {o.reshape(o(op.getX()), flat), parameters[0], parameters[1]}, {{"epsilon", op.getEps().convertToDouble()}});
  y = o.reshape(y, x.getShape());
  for (auto [i, parameter] : llvm::enumerate(op.getAffine())) {
    std::string p = o(parameter);
    if (rank > 2)
      p = o.node("Unsqueeze", {p, o.integers(llvm::to_vector(llvm::seq<int64_t>(1, rank - 1)))});
    y = o.node(i ? "Add" : "Mul", {y, p});
  }
  return OnnxNames{y};
}
OnnxForm onnx(LayerNormOp op, OnnxBuilder &o) {
  if (o.opset < 17 || wide(op))
    return std::nullopt;
  RankedTensorType x = tensorOf(op.getX());
  SmallVector<std::string> parameters = affine(o, op.getAffine(), x, x.getShape().drop_front(op.getAxis()));
  return OnnxNames{o.node("LayerNormalization", {o(op.getX()), parameters[0], parameters[1]}, {{"axis", static_cast<int64_t>(op.getAxis())}, {"epsilon", op.getEps().convertToDouble()}})};
}

/// `order`: which of PyTorch's gates comes at each of ONNX's places. The weights keep their names; slices of them are put in order in the graph.
template <class Op> static OnnxForm recurrent(Op op, StringRef name, ArrayRef<int64_t> order, SmallVector<OnnxAttribute> attributes, OnnxBuilder &o) {
  int64_t hidden = tensorOf(op.getWHh()).getDimSize(1);
  auto arranged = [&](Value v) {
    std::string all = o(v);
    SmallVector<std::string> parts;
    for (int64_t gate : order)
      parts.push_back(o.node("Slice", {all, o.integers(gate * hidden), o.integers((gate + 1) * hidden), o.integers(0)}));
    return order.size() == 1 ? all : o.node("Concat", parts, {{"axis", int64_t(0)}});
  };
  auto one = [&](std::string v) { return o.node("Unsqueeze", {v, o.integers(0)}); }; // the dimension of directions
  std::string bias, lengths;
  if (!op.getBias().empty())
    bias = one(o.node("Concat", {arranged(op.getBias()[0]), arranged(op.getBias()[1])}, {{"axis", int64_t(0)}}));
  if (op.getLengths())
    lengths = o.cast(o(op.getLengths()), IntegerType::get(op.getContext(), 32));
  SmallVector<std::string> operands{o(op.getX()), one(arranged(op.getWIh())), one(arranged(op.getWHh())), bias, lengths};
  for (Value state : op.getStates())
    operands.push_back(one(o(state)));
  attributes.append({{"hidden_size", hidden}, {"direction", std::string(op.getReverse() ? "reverse" : "forward")}});
  OnnxNames y = o.nodes(name, operands, attributes, op->getNumResults());
  for (auto [i, v] : llvm::enumerate(y)) { // y is [T, 1, B, H], the last states are [1, B, H]
    v = o.node("Squeeze", {v, o.integers(i ? 0 : 1)});
    if (i && op.getLengths()) { // of an empty sequence the state stays; ONNX leaves it open
      std::string none = o.node("Equal", {lengths, o.number(IntegerType::get(op.getContext(), 32), 0)});
      v = o.node("Where", {o.node("Unsqueeze", {none, o.integers(1)}), o(op.getStates()[i - 1]), v});
    }
  }
  return y;
}
OnnxForm onnx(RnnOp op, OnnxBuilder &o) {
  if (!op.getRelu())
    return recurrent(op, "RNN", {0}, {}, o);
  return std::nullopt; // activations are a list of strings, which nothing else needs
}
OnnxForm onnx(LstmOp op, OnnxBuilder &o) { return recurrent(op, "LSTM", {0, 3, 1, 2}, {}, o); }
OnnxForm onnx(GruOp op, OnnxBuilder &o) { return recurrent(op, "GRU", {1, 0, 2}, {{"linear_before_reset", int64_t(1)}}, o); }

} // namespace tenon::ir::nn
