// nn: convolutions of any rank.
#ifndef TENON_NN_CONV_TD
#define TENON_NN_CONV_TD

class Nn_Convolution<string mnemonic, dag more> : Nn_Op<mnemonic, [InferredType]> {
  let autocast = "low";
  let inputs = (ins FloatTensor:$x, FloatTensor:$w, Optional<FloatTensor>:$b);
  let attributes = !con((ins DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$dilation, I64Attr:$groups), more);
  let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def Nn_ConvOp : Nn_Convolution<"conv", (ins)> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Convolution: y[n, f, o] = b[f] + sum over c, k of x[n, c, o * stride + k * dilation - low] * w[f, c, k], zeros around x";
  let description = [{
    x is [N, C, spatial...], w is [F, C / groups, kernel...], b is [F]; `low` and `high` are the padding at both ends of each spatial dimension, negative padding cuts.
    Channels of a group meet the features of that group alone.
    C1: x and w have one rank, 3 at least; b has rank 1; strides, paddings and dilations have one entry per spatial dimension. C2: strides, dilations and groups are positive.
    C3: C is groups times w's channels. C4: groups divides F. C5: b is [F]. C6: the window fits into the padded input. C7: element types are equal.

    Example: `%y = nn.conv %x, %w, %b {stride = array<i64: 2, 2>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 1} : tensor<2x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>`
  }];
  let decomposition = "convolution(*this, x, w, b)"; let onnx = "Conv";
  let samples = [
    "<{stride = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 1 : i64}> : (tensor<2x2x4x3xT>, tensor<3x2x3x3xT>, tensor<3xT>) -> tensor<2x3x4x3xT>",
    "<{stride = array<i64: 3>, low = array<i64: 2>, high = array<i64: -1>, dilation = array<i64: 2>, groups = 2 : i64}> : (tensor<2x4x7xT>, tensor<2x2x2xT>) -> tensor<2x2x2xT>",
    "<{stride = array<i64: 1, 2>, low = array<i64: 0, 1>, high = array<i64: 0, 1>, dilation = array<i64: 1, 1>, groups = 3 : i64}> : (tensor<1x3x3x4xT>, tensor<3x1x2x2xT>, tensor<3xT>) -> tensor<1x3x2x3xT>",
    "<{stride = array<i64: 2, 1, 1>, low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 0>, dilation = array<i64: 1, 1, 1>, groups = 1 : i64}> : (tensor<1x1x3x2x2xT>, tensor<2x1x1x2x2xT>) -> tensor<1x2x2x1x2xT>"];
}

def Nn_ConvTransposeOp : Nn_Convolution<"conv_transpose", (ins DenseI64ArrayAttr:$output_padding)> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Transposed convolution: the input's gradient of nn.conv with the same numbers, plus a bias";
  let description = [{
    x is [N, C, spatial...], w is [C, F / groups, kernel...], b is [F]; the result's extents are (x - 1) * stride - low - high + dilation * (kernel - 1) + output_padding + 1.
    C1: x and w have one rank, 3 at least; b has rank 1; strides, paddings, dilations and output paddings have one entry per spatial dimension. C2: strides, dilations and
    groups are positive. C3: C is w's first extent. C4: groups divides C. C5: b is [F]. C6: the result is not empty. C7: element types are equal.

    Example: `%y = nn.conv_transpose %x, %w {stride = array<i64: 2>, low = array<i64: 1>, high = array<i64: 1>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 1>} : tensor<2x4x4xf32>, tensor<4x3x3xf32>`
  }];
  let decomposition = "transposedConvolution(*this, x, w, b)"; let onnx = "ConvTranspose";
  let samples = [
    "<{stride = array<i64: 2, 1>, low = array<i64: 1, 0>, high = array<i64: 1, 0>, dilation = array<i64: 1, 1>, groups = 1 : i64, output_padding = array<i64: 1, 0>}> : (tensor<2x2x3x2xT>, tensor<2x3x3x2xT>, tensor<3xT>) -> tensor<2x3x6x3xT>",
    "<{stride = array<i64: 3>, low = array<i64: 1>, high = array<i64: 1>, dilation = array<i64: 2>, groups = 2 : i64, output_padding = array<i64: 1>}> : (tensor<1x4x3xT>, tensor<4x2x2xT>) -> tensor<1x4x8xT>",
    "<{stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 2 : i64, output_padding = array<i64: 0>}> : (tensor<2x2x3xT>, tensor<2x1x2xT>) -> tensor<2x2x4xT>"];
}
#endif
