// prim in ONNX: pointwise ops, reductions, products.
#include "compiler/dialect/prim/onnx.h"
#include "compiler/dialect/interfaces/onnx_pointwise.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
namespace tenon::ir::prim {

static Type elementOf(Value v) { return getElementTypeOrSelf(v.getType()); }

OnnxForm onnx(NotOp op, OnnxBuilder &o) {
  Type e = elementOf(op.getX());
  if (e.isInteger(1))
    return o.plain(op, "Not");
  return OnnxNames{o.node("Sub", {o.number(e, -1), o(op.getX())})}; // two's complement
}

/// Near 0 by 2 tanh(x / 2) / (1 - tanh(x / 2)), which loses no digits.
OnnxForm onnx(Expm1Op op, OnnxBuilder &o) {
  Type e = elementOf(op.getX());
  std::string x = o(op.getX()), one = o.number(e, 1), t = o.node("Tanh", {o.node("Mul", {x, o.number(e, 0.5)})});
  std::string near = o.node("Div", {o.node("Add", {t, t}), o.node("Sub", {one, t})}), far = o.node("Sub", {o.node("Exp", {x}), one});
  return OnnxNames{o.node("Where", {o.node("Less", {o.node("Abs", {x}), o.number(e, 0.5)}), near, far})};
}

/// log(u) x / (u - 1) with u = 1 + x as it is rounded: what u loses, the quotient gives back (Kahan).
OnnxForm onnx(Log1pOp op, OnnxBuilder &o) {
  Type e = elementOf(op.getX());
  std::string x = o(op.getX()), one = o.number(e, 1), u = o.node("Add", {x, one}), d = o.node("Sub", {u, one});
  std::string log = o.node("Log", {u}), whole = o.node("Equal", {d, x}), none = o.node("Equal", {d, o.number(e, 0)});
  std::string mended = o.node("Mul", {log, o.node("Div", {x, o.node("Where", {none, one, d})})});
  return OnnxNames{o.node("Where", {none, x, o.node("Where", {whole, log, mended})})};
}

OnnxForm onnx(Atan2Op op, OnnxBuilder &o) {
  Type e = elementOf(op.getA());
  std::string a = o(op.getA()), b = o(op.getB()), zero = o.number(e, 0), one = o.number(e, 1), pi = o.number(e, 3.141592653589793);
  std::string flat = o.node("Equal", {b, zero}), below = o.node("Less", {a, zero});
  std::string angle = o.node("Atan", {o.node("Div", {a, o.node("Where", {flat, one, b})})});
  std::string turn = o.node("Where", {below, o.node("Neg", {pi}), pi});
  std::string left = o.node("Where", {o.node("Less", {b, zero}), o.node("Add", {angle, turn}), angle});
  std::string upright = o.node("Mul", {o.node("Sign", {a}), o.number(e, 1.5707963267948966)});
  return OnnxNames{o.node("Where", {flat, upright, left})};
}

OnnxForm onnxQuotient(Operation *op, StringRef name, OnnxBuilder &o) {
  SmallVector<OnnxAttribute, 1> attributes;
  if (name == "Mod")
    attributes.push_back({"fmod", int64_t(1)});
  Type e = elementOf(op->getOperand(0));
  if (isa<FloatType>(e))
    return o.plain(op, name, attributes);
  SmallVector<std::string> operands = onnxOperands(op, o);
  operands[1] = o.node("Where", {o.node("Equal", {operands[1], o.number(e, 0)}), o.number(e, 1), operands[1]});
  return OnnxNames{o.node(name, operands, attributes)};
}

OnnxForm onnxBits(Operation *op, StringRef name, OnnxBuilder &o) {
  Type e = elementOf(op->getOperand(0));
  if (e.isInteger(1))
    return o.plain(op, name);
  for (unsigned i : {0u, 1u}) { // the low bits: the remainder of a power of two
    DenseElementsAttr mask;
    if (name == "And" && matchPattern(op->getOperand(i), m_Constant(&mask)) && mask.isSplat())
      if (int64_t low = mask.getSplatValue<APInt>().getSExtValue(); low > 0 && llvm::isPowerOf2_64(low + 1) && low < (int64_t(1) << 30))
        return OnnxNames{o.node("Mod", {o(op->getOperand(1 - i)), o.number(e, static_cast<double>(low + 1))})};
  }
  if (o.opset < 18)
    return o.refuse("the bits of whole numbers are combined from opset 18 on");
  return o.plain(op, ("Bitwise" + name).str());
}

OnnxForm onnx(CompareOp op, OnnxBuilder &o) {
  static constexpr const char *names[] = {"Equal", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"};
  auto order = static_cast<unsigned>(op.getPredicate());
  SmallVector<std::string> operands = onnxOperands(op, o);
  std::string a = operands[0], b = operands[1];
  if (elementOf(op.getA()).isInteger(1) && order > 1) {
    Type number = IntegerType::get(op.getContext(), 32);
    a = o.cast(a, number), b = o.cast(b, number);
  }
  std::string y = o.node(names[order], {a, b});
  return OnnxNames{order == 1 ? o.node("Not", {y}) : y};
}

OnnxForm onnxReduce(Operation *op, StringRef name, ArrayRef<int64_t> dimensions, OnnxBuilder &o) {
  std::string x = o(op->getOperand(0));
  if (dimensions.empty())
    return OnnxNames{o.node("Identity", {x})};
  if (name == "ReduceSum" || o.opset >= 18)
    return OnnxNames{o.node(name, {x, o.integers(dimensions)}, {{"keepdims", int64_t(0)}})};
  return OnnxNames{o.node(name, {x}, {{"axes", dimensions.vec()}, {"keepdims", int64_t(0)}})};
}

/// Where the dimensions of `to` stand in `from`.
static SmallVector<int64_t> places(ArrayRef<unsigned> to, ArrayRef<unsigned> from) {
  return llvm::map_to_vector(to, [&](unsigned d) { return static_cast<int64_t>(llvm::find(from, d) - from.begin()); });
}

OnnxForm onnx(ContractOp op, OnnxBuilder &o) {
  SmallVector<SmallVector<unsigned>, 3> indices; // of a, b and y, in the order of their dimensions
  for (AffineMap map : op.getLoopMaps())
    indices.push_back(llvm::map_to_vector(map.getResults(), [](AffineExpr e) { return cast<AffineDimExpr>(e).getPosition(); }));
  ArrayRef<unsigned> a = indices[0], b = indices[1], y = indices[2];
  auto in = [](ArrayRef<unsigned> list, unsigned d) { return llvm::is_contained(list, d); };
  SmallVector<unsigned> batch, rows, columns, summed;
  for (unsigned d : y)
    (in(a, d) && in(b, d) ? batch : in(a, d) ? rows : columns).push_back(d);
  for (unsigned d : a)
    if (!in(y, d))
      summed.push_back(d);
  if (columns.size() == 1 && summed.size() == 1 && (rows.size() == 1 || (batch.empty() && !rows.empty()))) {
    auto join = [](ArrayRef<unsigned> p, ArrayRef<unsigned> q, ArrayRef<unsigned> r) { return llvm::to_vector(llvm::concat<const unsigned>(p, q, r)); };
    std::string left = o.transpose(o(op.getA()), places(join(batch, rows, summed), a)), right = o.transpose(o(op.getB()), places(join(batch, summed, columns), b));
    return OnnxNames{o.transpose(o.node("MatMul", {left, right}), places(y, join(batch, rows, columns)))};
  }
  auto letters = [](ArrayRef<unsigned> list) {
    std::string text;
    for (unsigned d : list)
      text += static_cast<char>('a' + d);
    return text;
  };
  return OnnxNames{o.node("Einsum", {o(op.getA()), o(op.getB())}, {{"equation", letters(a) + "," + letters(b) + "->" + letters(y)}})};
}

} // namespace tenon::ir::prim
