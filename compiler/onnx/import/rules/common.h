// Words that several families of rules share.
#pragma once
#include "compiler/onnx/import/importer.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

namespace tenon::onnx::imports {
using D = pb::TensorProto;

/// Two operands of one type, broadcast to one shape: numpy's rule, before opset 7 the attributes `broadcast` and `axis`.
std::pair<Expr, Expr> broadcastPair(Node &n);
/// All operands broadcast to one shape.
llvm::SmallVector<Expr> broadcastAll(Node &n);
/// Round to nearest even, of any float type; the number of a fraction as such.
Expr ceil(Expr x);
/// x with the dimensions from `axis` on as one, and those before it.
Expr flattened(Node &n, Expr x, int64_t axis);
/// Softmax and its kin along a dimension.
Expr softmaxAlong(Node &n, Expr x, int64_t axis, bool log);
/// A tensor of elements that an attribute holds.
void constantOut(Node &n, const pb::TensorProto &t);
/// The cast of ONNX: narrow integers wrap.
Expr castTo(Node &n, Expr x, int from, int to);
/// Padding of windows: `pads` or `auto_pad`; begins, then ends.
struct Windows {
  Dims kernel, stride, dilation, low, high;
};
Windows windowsOf(Node &n, llvm::ArrayRef<int64_t> spatial, Dims kernel, bool ceil = false);
inline Dims range(int64_t from, int64_t to) { return llvm::to_vector(llvm::seq(from, to)); }
/// -NLL of log probabilities [N, C, ...].
void negativeLogLikelihood(Node &n, Expr logProbability, Expr target, Expr weight);

} // namespace tenon::onnx::imports
