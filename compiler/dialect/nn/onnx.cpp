// nn in ONNX: activations, layers, losses.
#include "compiler/dialect/nn/onnx.h"
#include "compiler/dialect/nn/window.h"

using namespace mlir;
namespace tenon::ir::nn {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }
static SmallVector<int64_t> range(int64_t from, int64_t to) { return llvm::to_vector(llvm::seq<int64_t>(from, to)); }
static std::vector<int64_t> join(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  std::vector<int64_t> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

/// ONNX knows beta 1 and no threshold: what 20 leaves out is below a float's last bit.
OnnxForm onnx(SoftplusOp op, OnnxBuilder &o) {
  bool same = op.getBeta().convertToDouble() == 1 && op.getThreshold().convertToDouble() >= 20 && !tensorOf(op.getX()).getElementType().isF64();
  return same ? OnnxForm(OnnxNames{o.node("Softplus", {o(op.getX())})}) : std::nullopt;
}
OnnxForm onnx(PreluOp op, OnnxBuilder &o) {
  RankedTensorType w = tensorOf(op.getWeight());
  std::string weight = o(op.getWeight());
  int64_t behind = tensorOf(op.getX()).getRank() - 2;
  if (w.getDimSize(0) > 1 && behind > 0)
    weight = o.node("Unsqueeze", {weight, o.integers(range(1, 1 + behind))});
  return OnnxNames{o.node("PRelu", {o(op.getX()), weight})};
}
OnnxForm onnx(HardtanhOp op, OnnxBuilder &o) {
  Type e = tensorOf(op.getX()).getElementType();
  return OnnxNames{o.node("Clip", {o(op.getX()), o.number(e, op.getMinVal().convertToDouble()), o.number(e, op.getMaxVal().convertToDouble())})};
}

/// Gemm of a batch of rows; any other rank by MatMul.
OnnxForm onnx(LinearOp op, OnnxBuilder &o) {
  std::string x = o(op.getX()), w = o(op.getW());
  if (tensorOf(op.getX()).getRank() == 2) {
    SmallVector<std::string> operands{x, w};
    if (op.getB())
      operands.push_back(o(op.getB()));
    return OnnxNames{o.node("Gemm", operands, {{"transB", int64_t(1)}})};
  }
  std::string y = o.node("MatMul", {x, o.transpose(w, {1, 0})});
  return OnnxNames{op.getB() ? o.node("Add", {y, o(op.getB())}) : y};
}
/// The padding row matters to gradients alone.
OnnxForm onnx(EmbeddingOp op, OnnxBuilder &o) { return OnnxNames{o.node("Gather", {o(op.getWeight()), o(op.getX())}, {{"axis", int64_t(0)}})}; }

template <class Op> static OnnxForm convolution(Op op, StringRef name, SmallVector<OnnxAttribute> more, OnnxBuilder &o) {
  if (llvm::any_of(join(op.getLow(), op.getHigh()), [](int64_t n) { return n < 0; }))
    return std::nullopt; // cuts
  more.append({{"strides", op.getStride().vec()}, {"pads", join(op.getLow(), op.getHigh())}, {"dilations", op.getDilation().vec()}, {"group", static_cast<int64_t>(op.getGroups())},
               {"kernel_shape", tensorOf(op.getW()).getShape().drop_front(2).vec()}});
  SmallVector<std::string> operands{o(op.getX()), o(op.getW())};
  if (op.getB())
    operands.push_back(o(op.getB()));
  return OnnxNames{o.node(name, operands, more)};
}
OnnxForm onnx(ConvOp op, OnnxBuilder &o) { return convolution(op, "Conv", {}, o); }
OnnxForm onnx(ConvTransposeOp op, OnnxBuilder &o) {
  for (auto [more, stride, dilation] : llvm::zip(op.getOutputPadding(), op.getStride(), op.getDilation()))
    if (more < 0 || more >= std::max(stride, dilation))
      return std::nullopt;
  return convolution(op, "ConvTranspose", {{"output_padding", op.getOutputPadding().vec()}}, o);
}

/// Pooling over the last dimensions of an x that ONNX sees as [N, C, ...]. The padding behind says how many windows there are.
static OnnxNames pool(Value value, const Windows &windows, StringRef name, SmallVector<OnnxAttribute> attributes, unsigned results, OnnxBuilder &o) {
  RankedTensorType type = tensorOf(value);
  std::vector<int64_t> kernel, stride, pads, behind, dilations;
  for (const Window &w : windows) {
    kernel.push_back(w.kernel), stride.push_back(w.stride), pads.push_back(w.padding), dilations.push_back(w.dilation);
    behind.push_back(std::max(w.missing(), std::min(w.padding, (w.count - 1) * w.stride + w.reach() + w.stride - 1 - w.extent - w.padding)));
  }
  pads.insert(pads.end(), behind.begin(), behind.end());
  attributes.append({{"kernel_shape", kernel}, {"strides", stride}, {"pads", pads}});
  if (llvm::any_of(dilations, [](int64_t d) { return d > 1; }))
    attributes.push_back({"dilations", dilations});
  int64_t lead = type.getRank() - windows.size();
  std::string x = o(value);
  if (lead < 2)
    x = o.node("Unsqueeze", {x, o.integers(range(0, 2 - lead))});
  SmallVector<int64_t> spatial(type.getShape().take_back(windows.size())), result(type.getShape().take_front(lead));
  if (lead > 2) {
    SmallVector<int64_t> flat{1, 1};
    for (int64_t n : result)
      flat[0] *= n;
    llvm::append_range(flat, spatial);
    x = o.reshape(x, flat);
  }
  OnnxNames y = o.nodes(name, {x}, attributes, results);
  for (const Window &w : windows)
    result.push_back(w.count);
  for (std::string &v : y)
    if (lead < 2)
      v = o.node("Squeeze", {v, o.integers(range(0, 2 - lead))});
    else if (lead > 2)
      v = o.reshape(v, result);
  return y;
}
static bool upToThree(const Windows &windows, RankedTensorType x) { return windows.size() <= 3 && llvm::all_of(windows, [](const Window &w) { return w.missing() < w.kernel; }); }

OnnxForm onnx(MaxPoolOp op, OnnxBuilder &o) {
  Windows windows = windowsOf(op);
  return upToThree(windows, op.getX().getType()) ? OnnxForm(pool(op.getX(), windows, "MaxPool", {}, 1, o)) : std::nullopt;
}
/// ONNX counts places through the whole tensor; the remainder is the place in the plane.
OnnxForm onnx(MaxPoolIndicesOp op, OnnxBuilder &o) {
  Windows windows = windowsOf(op);
  if (!upToThree(windows, op.getX().getType()))
    return std::nullopt;
  int64_t plane = 1;
  for (const Window &w : windows)
    plane *= w.extent;
  return OnnxNames{o.node("Mod", {pool(op.getX(), windows, "MaxPool", {}, 2, o)[1], o.integer(plane)})};
}
/// Of windows that are whole: what a last window in the padding divides by is no matter of ONNX.
OnnxForm onnx(AvgPoolOp op, OnnxBuilder &o) {
  Windows windows = windowsOf(op);
  if (op.getCeilMode() || !upToThree(windows, op.getX().getType()))
    return std::nullopt;
  int64_t kernel = 1;
  for (const Window &w : windows)
    kernel *= w.kernel;
  bool all = op.getCountIncludePad() || op.getDivisor();
  std::string y = pool(op.getX(), windows, "AveragePool", {{"count_include_pad", int64_t(all)}}, 1, o)[0];
  if (op.getDivisor())
    y = o.node("Mul", {y, o.number(tensorOf(op.getX()).getElementType(), static_cast<double>(kernel) / static_cast<double>(op.getDivisor()))});
  return OnnxNames{y};
}

/// Labels of classes; ONNX has no smoothing.
template <class Op> static OnnxForm classes(Op op, StringRef name, OnnxBuilder &o) {
  SmallVector<std::string> operands{o(op.getX()), o(op.getTarget())};
  if (op.getWeight())
    operands.push_back(o(op.getWeight()));
  const char *reduction = op.getReduction() == Reduction::none ? "none" : op.getReduction() == Reduction::mean ? "mean" : "sum";
  return OnnxNames{o.node(name, operands, {{"reduction", std::string(reduction)}, {"ignore_index", static_cast<int64_t>(op.getIgnoreIndex())}})};
}
OnnxForm onnx(NllLossOp op, OnnxBuilder &o) { return classes(op, "NegativeLogLikelihoodLoss", o); }
OnnxForm onnx(CrossEntropyOp op, OnnxBuilder &o) { return op.getLabelSmoothing().isZero() ? classes(op, "SoftmaxCrossEntropyLoss", o) : std::nullopt; }

} // namespace tenon::ir::nn
