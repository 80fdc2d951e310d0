// Attention and rotary embeddings of opset 23.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

void attention(Node &n) {
  Expr q = n.in(0), k = n.in(1), v = n.in(2), mask = n.optional(3);
  n.expect(!n.wants(3), "the scores as a result (qk_matmul_output) are not supported");
  n.expect(n.f("softcap", 0) == 0, "softcap is not supported");
  n.expect(!n.has(6), "nonpad_kv_seqlen is not supported");
  bool flat = q.rank() == 3;
  n.expect((q.rank() == 3 || q.rank() == 4) && k.rank() == q.rank() && v.rank() == q.rank(), "q, k and v have three or four dimensions");
  auto heads = [&](Expr e, const char *count) {
    if (!flat)
      return e;
    int64_t h = n.i(count);
    n.expect(h > 0 && e.shape()[2] % h == 0, Twine(count) + " does not divide the features");
    return transpose(n.reshape(e, {e.shape()[0], e.shape()[1], h, e.shape()[2] / h}), {0, 2, 1, 3});
  };
  q = heads(q, "q_num_heads"), k = heads(k, "kv_num_heads"), v = heads(v, "kv_num_heads");
  if (n.has(4)) {
    n.expect(n.rank(4) == 4 && n.has(5) && n.rank(5) == 4, "past keys and values have four dimensions");
    n.expect(!n.i("is_causal", 0), "causal attention with past keys is not supported");
    k = n.concat({n.in(4), k}, 2), v = n.concat({n.in(5), v}, 2);
  }
  n.out(1, k, n.dtype(1));
  n.out(2, v, n.dtype(2));
  if (mask) {
    Dims scores{q.shape()[0], q.shape()[1], q.shape()[2], k.shape()[2]};
    mask = n.broadcast(mask, scores);
    if (!mask.element().isInteger(1))
      mask = cast(mask, q);
  }
  double scale = n.f("scale", 1 / std::sqrt(double(q.shape()[3])));
  Expr y = n.op<nn::AttentionOp>({q, k, v, mask}, [&](auto &p) { p.scale = n.b.getF64FloatAttr(scale), p.causal = n.b.getBoolAttr(n.i("is_causal", 0)); });
  if (flat)
    y = n.reshape(transpose(y, {0, 2, 1, 3}), {y.shape()[0], y.shape()[2], y.shape()[1] * y.shape()[3]});
  n.out(0, y, n.dtype(0));
}
} // namespace

void addAttention(Table &t) { t("Attention", 23, attention); }

} // namespace tenon::onnx::imports
