// The dialect `nn`: attention.
#ifndef TENON_NN_ATTENTION_TD
#define TENON_NN_ATTENTION_TD

/// `mask` is added to the scores, or, of flags, says which of them take part.
class Nn_AttentionLike<string mnemonic, dag value> : Nn_Op<mnemonic, [InferredType]> {
  let autocast = "low";
  let inputs = !con((ins FloatTensor:$q, FloatTensor:$k), value, (ins Optional<StaticShapeTensorOf<[F32, F64, BF16, F16, I1]>>:$mask));
  let attributes = (ins F64Attr:$scale, DefaultValuedAttr<BoolAttr, "false">:$causal);
  let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}
defvar attentionText = [{
    q is [..., H, L, E], k [..., G, S, E]: queries of H heads share the keys of G, H a multiple of G. Scores are q k^T scale; `causal` keeps keys j <= i of query i; a mask broadcasts to
    [..., H, L, S]: flags say which keys take part, numbers are added. Rows without a key are zero. Source: Vaswani et al., arXiv 1706.03762.
    C1: ranks are equal and at least 2. C2: q and k agree on the batch and on E. C3: the heads of q are a multiple of those of k. C4: element types are equal, or the mask's is i1.
    C5: the mask broadcasts to the scores.
}];

def Nn_AttentionWeightsOp : Nn_AttentionLike<"attention_weights", (ins)> {
  let summary = "softmax of the scores of queries and keys: the share of every key";
  let description = attentionText # [{
    Example: `%p = nn.attention_weights %q, %k {scale = 0.5, causal = true} : tensor<2x3x4xf32>, tensor<2x5x4xf32>`
  }];
  let decomposition = "attentionWeights(q, k, mask, getScale().convertToDouble(), getCausal())";
  let samples = ["<{scale = 0.5 : f64}> : (tensor<2x3x1xT>, tensor<2x5x1xT>) -> tensor<2x3x5xT>",
    "<{scale = 0.5 : f64, causal = true}> : (tensor<1x3x2xT>, tensor<1x3x2xT>, tensor<3x3xT>) -> tensor<1x3x3xT>"];
}
def Nn_AttentionOp : Nn_AttentionLike<"attention", (ins FloatTensor:$v)> {
  let summary = "attention_weights of q and k times the values v";
  let description = attentionText # [{
    v is [..., G, S, Ev], the result [..., H, L, Ev]. C6: v has the keys' batch and number.

    Example: `%y = nn.attention %q, %k, %v {scale = 0.5, causal = true} : tensor<2x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x6xf32>`
  }];
  let decomposition = "attention(q, k, v, mask, getScale().convertToDouble(), getCausal())"; let onnx = "Attention";
  let samples = ["<{scale = 0.5 : f64}> : (tensor<2x3x1xT>, tensor<2x5x1xT>, tensor<2x5x1xT>) -> tensor<2x3x1xT>",
    "<{scale = 0.5 : f64, causal = true}> : (tensor<1x2x2x2xT>, tensor<1x2x2x2xT>, tensor<1x2x2x1xT>) -> tensor<1x2x2x1xT>",
    "<{scale = 1.0 : f64}> : (tensor<1x4x2x1xT>, tensor<1x2x3x1xT>, tensor<1x2x3x1xT>, tensor<1x1x3xi1>) -> tensor<1x4x2x1xT>",
    "<{scale = 0.5 : f64}> : (tensor<3x4xT>, tensor<2x4xT>, tensor<2x2xT>, tensor<3x2xT>) -> tensor<3x2xT>"];
}
#endif
