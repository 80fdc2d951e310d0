// Attention, rotary embeddings and caches of opsets 23 to 25.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Places of queries and keys that may meet, beside those of a mask.
struct Window {
  bool causal;
  int64_t left, right; ///< -1: unbounded
  int64_t past;        ///< keys before the first query
  Expr lengths;        ///< [batch]: keys that count, of which the last are the queries'; or null
  bool any() const { return causal || left >= 0 || right >= 0 || lengths; }
};
/// What is added to scores of that shape: 0 or a mask's numbers, minus infinity where they may not meet.
Expr biasOf(Node &n, const Window &w, Expr mask, ArrayRef<int64_t> scores, Type element) {
  auto places = RankedTensorType::get(scores, n.b.getI64Type());
  Expr key = iota(n.b, places, 3), query = iota(n.b, places, 2), allowed;
  query = w.lengths ? query + n.along(w.lengths, scores, 0) - double(scores[2]) : query + double(w.past);
  auto also = [&](Expr holds) { allowed = allowed ? allowed & holds : holds; };
  if (w.causal)
    also(key <= query);
  if (w.left >= 0)
    also(query - key <= double(w.left));
  if (w.right >= 0)
    also(key - query <= double(w.right));
  if (w.lengths)
    also(key < n.along(w.lengths, scores, 0));
  Expr bias = n.splat(scores, element, 0);
  if (mask && mask.element().isInteger(1))
    also(n.broadcast(mask, scores));
  else if (mask)
    bias = cast(n.broadcast(mask, scores), element);
  return allowed ? select(allowed, bias, -infinity) : bias;
}

/// A mask of fewer keys says nothing of the rest: they do not count.
Expr maskOfAll(Node &n, Expr mask, int64_t keys) {
  int64_t missing = mask && mask.rank() > 0 ? keys - mask.shape().back() : 0;
  if (missing <= 0 || mask.shape().back() == 1)
    return mask;
  Dims low(mask.rank(), 0), high(mask.rank(), 0);
  high.back() = missing;
  Expr value = n.splat({}, mask.element(), mask.element().isInteger(1) ? 0 : -infinity);
  return n.op<prim::PadOp>({mask, value}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); });
}

/// softmax(q k + bias) v step by step, for what nn.attention does not do; scores in the state that `mode` asks for are output 3.
Expr byParts(Node &n, Expr q, Expr k, Expr v, Expr bias, double scale, double cap, int64_t mode) {
  Dims repeats{1, q.shape()[1] / k.shape()[1], 1, 1};
  k = repeatInterleave(k, repeats), v = repeatInterleave(v, repeats);
  Expr scores = wide(n.matmul(q, transpose(k, {0, 1, 3, 2}))) * scale, told = scores;
  if (cap > 0)
    scores = tanh(scores / cap) * cap;
  told = mode == 1 ? scores : told;
  scores = scores + bias;
  told = mode == 2 ? scores : told;
  // Where no key counts nothing comes out.
  Expr none = restore(eq(reduceMax(bias, {3}), -infinity), scores.shape(), {3});
  Expr p = select(none, 0.0, softmaxAlong(n, select(none, 0.0, scores), 3, false));
  told = mode == 3 ? p : told;
  n.out(3, cast(told, q), n.dtype(0));
  return n.matmul(cast(p, v), v);
}

void attention(Node &n) {
  Expr q = n.in(0), k = n.in(1), v = n.in(2), mask = n.optional(3);
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
  Window window{n.i("is_causal", 0) != 0, n.i("left_window_size", -1), n.i("right_window_size", -1), 0, n.has(6) ? cast(n.in(6), n.b.getI64Type()) : Expr()};
  n.expect(!window.lengths || (window.lengths.rank() == 1 && window.lengths.shape()[0] == q.shape()[0]), "nonpad_kv_seqlen is one number per batch");
  if (n.has(4)) {
    n.expect(n.rank(4) == 4 && n.has(5) && n.rank(5) == 4 && !window.lengths, "past keys and values have four dimensions, and come without nonpad_kv_seqlen");
    window.past = n.shape(4)[2];
    k = n.concat({n.in(4), k}, 2), v = n.concat({n.in(5), v}, 2);
  }
  n.expect(k.shape()[0] == q.shape()[0] && v.shape()[0] == q.shape()[0] && k.shape()[1] > 0 && q.shape()[1] % k.shape()[1] == 0 && v.shape()[1] == k.shape()[1] &&
               v.shape()[2] == k.shape()[2] && k.shape()[3] == q.shape()[3],
           "q, k and v do not fit together");
  n.out(1, k, n.dtype(1));
  n.out(2, v, n.dtype(2));
  Dims scores{q.shape()[0], q.shape()[1], q.shape()[2], k.shape()[2]};
  mask = maskOfAll(n, mask, scores[3]);
  double scale = n.f("scale", 1 / std::sqrt(double(q.shape()[3]))), cap = n.f("softcap", 0);
  bool parts = n.wants(3) || cap > 0 || window.lengths || window.left >= 0 || window.right >= 0 || (window.causal && window.past);
  Expr y;
  if (parts) {
    y = byParts(n, q, k, v, biasOf(n, window, mask, scores, wide(q).element()), scale, cap, n.i("qk_matmul_output_mode", 0));
  } else {
    if (mask) {
      mask = n.broadcast(mask, scores);
      if (!mask.element().isInteger(1))
        mask = cast(mask, q);
    }
    y = n.op<nn::AttentionOp>({q, k, v, mask}, [&](auto &p) { p.scale = n.b.getF64FloatAttr(scale), p.causal = n.b.getBoolAttr(window.causal); });
  }
  if (flat)
    y = n.reshape(transpose(y, {0, 2, 1, 3}), {y.shape()[0], y.shape()[2], y.shape()[1] * y.shape()[3]});
  n.out(0, y, n.dtype(0));
}

/// Pairs of features turned by angles whose cosines and sines are given by position.
void rotaryEmbedding(Node &n) {
  Expr x = n.in(0), cosines = n.in(1), sines = n.in(2);
  bool flat = x.rank() == 3;
  n.expect(x.rank() == 3 || x.rank() == 4, "it takes three or four dimensions");
  Dims given(x.shape());
  if (flat) {
    int64_t heads = n.i("num_heads", 0);
    n.expect(heads > 0 && given[2] % heads == 0, "num_heads does not divide the features");
    x = n.reshape(x, {given[0], given[1], heads, given[2] / heads});
  } else {
    x = transpose(x, {0, 2, 1, 3});
  }
  int64_t size = x.shape()[3], turned = n.i("rotary_embedding_dim", 0);
  turned = turned == 0 ? size : turned;
  n.expect(turned > 0 && turned <= size && turned % 2 == 0, "rotary_embedding_dim must be even, and no more than the features of a head");
  Dims half{x.shape()[0], x.shape()[1], x.shape()[2], turned / 2};
  auto angles = [&](Expr e) {
    if (n.has(3))
      e = n.gather(e, n.in(3), 0);
    Dims wanted{half[0], half[1], half[3]};
    n.expect(e.shape() == ArrayRef(wanted), "cosines and sines must be of batch, length and half of what is turned");
    return ir::broadcast(e, half, {0, 1, 3});
  };
  cosines = angles(cosines), sines = angles(sines);
  bool interleaved = n.i("interleaved", 0);
  Expr a = interleaved ? n.slice(x, 3, 0, turned / 2, 2) : n.slice(x, 3, 0, turned / 2), b = interleaved ? n.slice(x, 3, 1, turned / 2, 2) : n.slice(x, 3, turned / 2, turned / 2);
  Expr re = cosines * a - sines * b, im = sines * a + cosines * b, y;
  if (interleaved) {
    Dims one(half), both(half);
    one.push_back(1), both.back() = turned;
    y = n.reshape(n.concat({n.reshape(re, one), n.reshape(im, one)}, 4), both);
  } else {
    y = n.concat({re, im}, 3);
  }
  if (turned < size)
    y = n.concat({y, n.slice(x, 3, turned, size - turned)}, 3);
  n.out(0, flat ? n.reshape(y, given) : transpose(y, {0, 2, 1, 3}), n.dtype(0));
}
} // namespace

void addAttention(Table &t) {
  t("Attention", 23, attention);
  t("RotaryEmbedding", 23, rotaryEmbedding);
}

} // namespace tenon::onnx::imports
