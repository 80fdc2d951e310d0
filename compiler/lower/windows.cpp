// The windows of a generic, as an attribute.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

constexpr const char *name = "windows";

SmallVector<ir::Window> windowsOf(linalg::GenericOp op) {
  SmallVector<ir::Window> windows;
  if (auto a = op->getAttrOfType<DenseI64ArrayAttr>(name))
    for (ArrayRef<int64_t> n = a; !n.empty(); n = n.drop_front(ir::windowWords)) windows.push_back({n[0], n[1], n[2], n[3], n[4], n[5], n[6]});
  return windows;
}

void setWindows(linalg::GenericOp op, ArrayRef<ir::Window> windows) {
  SmallVector<int64_t> words;
  for (const ir::Window &w : windows) words.append({w.dimension, w.out, w.tap, w.stride, w.dilation, w.padding, w.inputDilation});
  op->setAttr(name, DenseI64ArrayAttr::get(op.getContext(), words));
}

int laneLoop(linalg::GenericOp op) {
  SmallVector<ir::Window> windows = windowsOf(op);
  AffineMap a = op.getIndexingMapsArray()[0], out = resultMap(op);
  for (bool shared : {false, true}) {
    int best = -1;
    for (unsigned d = 0; d < out.getNumResults(); ++d) {
      int loop = loopAt(out, d);
      if (a.isFunctionOfDim(loop) != shared || llvm::any_of(windows, [&](const ir::Window &w) { return w.out == loop; })) continue;
      if (best < 0 || op.getStaticLoopRanges()[loop] > op.getStaticLoopRanges()[best]) best = loop;
    }
    if (best >= 0) return best;
  }
  return -1;
}

} // namespace tenon::compiler
