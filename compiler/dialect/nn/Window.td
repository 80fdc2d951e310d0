// nn: pooling. A window op is a few slices of its input, one per place in the window, so that fusion and lanes are those of pointwise ops.
#ifndef TENON_NN_WINDOW_TD
#define TENON_NN_WINDOW_TD

/// Windows over the last dimensions of x, as many as `kernel` has entries.
class Nn_Window<string mnemonic, list<Trait> traits = []> : Nn_OpWithVjp<mnemonic, traits # [InferredType]> {
  dag window = (ins DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding);
  code windowDescription = [{
    The last dimensions of x, one per entry of `kernel`, are walked by windows; output i of a dimension covers elements `i * stride - padding + j * dilation`, j in [0, kernel).
    `ceil_mode` admits a last window that begins inside of the input or its left padding but leaves it at the end.
    C1: x has these dimensions, and kernel, stride, padding (and dilation) as many entries. C2: kernel, stride and dilation are positive, padding is at most half of the window's reach.
    C3: one window at least fits in each dimension.
  }];
  let results = (outs FloatTensor:$y);
}

def Nn_MaxPoolOp : Nn_Window<"max_pool"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "The largest element of every window; NaN if any is. The first maximum gets the cotangent";
  let description = windowDescription # "\n    Example: `%y = nn.max_pool %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>} : tensor<2x3x4x4xf32>`";
  let inputs = (ins FloatTensor:$x);
  let attributes = !con(window, (ins DenseI64ArrayAttr:$dilation, DefaultValuedAttr<BoolAttr, "false">:$ceil_mode));
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "maxPool(x, windowsOf(*this))"; let onnx = "MaxPool";
  let vjp = "maxPoolGradient(x, y, dy, windowsOf(*this))";
  let samples = [
    "<{kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>}> : (tensor<2x3x4x5xT>) -> tensor<2x3x2x2xT>",
    "<{kernel = array<i64: 3, 3>, stride = array<i64: 2, 1>, padding = array<i64: 1, 1>, dilation = array<i64: 1, 2>}> : (tensor<2x5x6xT>) -> tensor<2x3x4xT>",
    "<{kernel = array<i64: 3>, stride = array<i64: 3>, padding = array<i64: 1>, dilation = array<i64: 2>, ceil_mode = true}> : (tensor<2x10xT>) -> tensor<2x4xT>",
    "<{kernel = array<i64: 5, 5>, stride = array<i64: 1, 2>, padding = array<i64: 2, 2>, dilation = array<i64: 1, 1>}> : (tensor<1x6x7xT>) -> tensor<1x6x4xT>",
    "<{kernel = array<i64: 5, 6>, stride = array<i64: 1, 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>}> : (tensor<3x5x6xT>) -> tensor<3x1x1xT>",
    "<{kernel = array<i64: 2, 1, 2>, stride = array<i64: 1, 1, 2>, padding = array<i64: 0, 0, 1>, dilation = array<i64: 1, 1, 1>}> : (tensor<1x3x2x4xT>) -> tensor<1x2x2x3xT>"];
}

def Nn_MaxPoolIndicesOp : Nn_Op<"max_pool_indices", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Where max_pool found its maxima: places in the window's dimensions of x, row-major; the first of equal ones";
  let description = "Attributes and constraints are those of nn.max_pool.\n\nExample: `%i = nn.max_pool_indices %x {kernel = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0>, dilation = array<i64: 1>} : tensor<2x3x4xf32>`";
  let inputs = (ins FloatTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$dilation, DefaultValuedAttr<BoolAttr, "false">:$ceil_mode);
  let results = (outs StaticShapeTensorOf<[I64]>:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "maxPoolIndices(x, windowsOf(*this))"; let onnx = "MaxPool";
  let samples = [
    "<{kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 1, 0>, dilation = array<i64: 1, 1>}> : (tensor<2x3x4x5xT>) -> tensor<2x3x3x2xi64>",
    "<{kernel = array<i64: 5, 6>, stride = array<i64: 1, 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>}> : (tensor<3x5x6xT>) -> tensor<3x1x1xi64>"];
}

def Nn_AvgPoolOp : Nn_Window<"avg_pool"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "The mean of every window";
  let description = windowDescription # [{
    The sum is divided by `divisor`; where that is 0, by the number of elements in the window: of the input and, with `count_include_pad`, of its padding.
    C4: the divisor is not negative.

    Example: `%y = nn.avg_pool %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>} : tensor<2x3x4x4xf32>`
  }];
  let inputs = (ins FloatTensor:$x);
  let attributes = !con(window, (ins DefaultValuedAttr<BoolAttr, "false">:$ceil_mode, DefaultValuedAttr<BoolAttr, "true">:$count_include_pad, DefaultValuedAttr<I64Attr, "0">:$divisor));
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "avgPool(x, windowsOf(*this), getCountIncludePad(), getDivisor())"; let onnx = "AveragePool";
  let vjp = "avgPoolGradient(x, dy, windowsOf(*this), getCountIncludePad(), getDivisor())";
  let samples = [
    "<{kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>}> : (tensor<2x3x4x5xT>) -> tensor<2x3x2x2xT>",
    "<{kernel = array<i64: 3, 3>, stride = array<i64: 2, 1>, padding = array<i64: 1, 1>, count_include_pad = false}> : (tensor<2x5x6xT>) -> tensor<2x3x6xT>",
    "<{kernel = array<i64: 3>, stride = array<i64: 2>, padding = array<i64: 1>, ceil_mode = true}> : (tensor<2x8xT>) -> tensor<2x5xT>",
    "<{kernel = array<i64: 5, 2>, stride = array<i64: 3, 3>, padding = array<i64: 2, 0>, divisor = 3 : i64}> : (tensor<1x6x8xT>) -> tensor<1x2x3xT>",
    "<{kernel = array<i64: 5, 6>, stride = array<i64: 1, 1>, padding = array<i64: 0, 0>}> : (tensor<3x5x6xT>) -> tensor<3x1x1xT>",
    "<{kernel = array<i64: 2, 1, 2>, stride = array<i64: 1, 1, 2>, padding = array<i64: 0, 0, 1>}> : (tensor<1x3x2x4xT>) -> tensor<1x2x2x3xT>"];
}
#endif
