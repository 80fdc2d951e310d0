// prim: convolution.
#ifndef TENON_PRIM_CONV_TD
#define TENON_PRIM_CONV_TD

def Prim_ConvOp : Prim_LoopNest<"conv"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A contraction whose first operand is read through windows: convolutions of any rank, grouped, transposed, and their derivatives";
  let description = [{
    `maps` take the indices to the dimensions of a, b and the result, as in prim.contract; in a's map a sum `o + k` of two indices is a window. Its element is
    `(o * stride + k * dilation - padding) / input_dilation`; where that is outside of a, or no whole number, the term is left out. A negative dilation reverses the kernel,
    negative padding cuts, a group is an index of all three maps. Extents of the result's own indices are free: the padding behind follows from them.
    C1: three maps of the same indices, those of b and the result projected permutations, a's of indices and sums of two. C2: every index occurs in two of them at least.
    C3: a sum is of one index of the result and one of b, not of both, and each occurs there alone. C4: strides, dilations, padding and input_dilations have one entry per
    sum, in a's order; strides and dilations are not 0, input dilations positive. C5: an index has one extent. C6: element types are equal.
    The derivatives exchange the maps: for b the roles of o and k, for a the window is solved for o.

    Example: `%y = prim.conv %x, %w {maps = [affine_map<(n, h, f, k, c) -> (n, c, h + k)>, affine_map<(n, h, f, k, c) -> (f, c, k)>, affine_map<(n, h, f, k, c) -> (n, f, h)>], strides = array<i64: 2>, dilations = array<i64: 1>, padding = array<i64: 1>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x4xf32>`
  }];
  let inputs = (ins NumberTensor:$a, NumberTensor:$b);
  let attributes = (ins AffineMapArrayAttr:$maps, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$input_dilations);
  let results = (outs NumberTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands) `to` type($y)";
  let ranges = "convRanges(*this)";
  let iterators = "convLoops(*this)";
  let maps = "llvm::to_vector(getMaps().getAsValueRange<mlir::AffineMapAttr>())";
  let scalar = "fma(a, b, Scalar(&builder, args[2]))"; let initial = "number(element, 0)"; let onnx = "Conv";
  let vjp = "convInputGradient(*this, dy), convKernelGradient(*this, dy)";
  let hasVerifier = 1;
  let extraClassDeclaration = "::llvm::SmallVector<::tenon::ir::Window> getWindows();";
  defvar plane = "maps = [affine_map<(n, i, j, f, k, l, c) -> (n, c, i + k, j + l)>, affine_map<(n, i, j, f, k, l, c) -> (f, c, k, l)>, affine_map<(n, i, j, f, k, l, c) -> (n, f, i, j)>]";
  defvar line = "maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>]";
  defvar grouped = "maps = [affine_map<(g, n, i, f, k, c) -> (n, g, c, i + k)>, affine_map<(g, n, i, f, k, c) -> (g, f, c, k)>, affine_map<(g, n, i, f, k, c) -> (n, g, f, i)>]";
  defvar depthwise = "maps = [affine_map<(g, n, i, k) -> (n, g, i + k)>, affine_map<(g, n, i, k) -> (g, k)>, affine_map<(g, n, i, k) -> (n, g, i)>]";
  let samples = [
    "<{" # plane # ", strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1>, input_dilations = array<i64: 1, 1>}> : (tensor<2x2x4x3xT>, tensor<3x2x3x3xT>) -> tensor<2x3x4x3xT>",
    "<{" # plane # ", strides = array<i64: 3, 2>, dilations = array<i64: 2, 1>, padding = array<i64: 0, -1>, input_dilations = array<i64: 1, 1>}> : (tensor<1x2x7x5xT>, tensor<2x2x2x3xT>) -> tensor<1x2x2x1xT>",
    "<{" # line # ", strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 1>, input_dilations = array<i64: 1>}> : (tensor<1x2x5xT>, tensor<3x2x2xT>) -> tensor<1x3x4xT>",
    "<{" # line # ", strides = array<i64: 1>, dilations = array<i64: -2>, padding = array<i64: -3>, input_dilations = array<i64: 3>}> : (tensor<1x2x3xT>, tensor<2x2x2xT>) -> tensor<1x2x7xT>",
    "<{" # line # ", strides = array<i64: -2>, dilations = array<i64: 2>, padding = array<i64: -6>, input_dilations = array<i64: 2>}> : (tensor<1x1x4xT>, tensor<2x1x3xT>) -> tensor<1x2x5xT>",
    "<{" # line # ", strides = array<i64: 1>, dilations = array<i64: 2>, padding = array<i64: 1>, input_dilations = array<i64: 4>}> : (tensor<2x1x3xT>, tensor<2x1x2xT>) -> tensor<2x2x6xT>",
    "<{" # grouped # ", strides = array<i64: 2>, dilations = array<i64: 1>, padding = array<i64: 1>, input_dilations = array<i64: 1>}> : (tensor<1x2x2x4xT>, tensor<2x3x2x3xT>) -> tensor<1x2x3x2xT>",
    "<{" # depthwise # ", strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 1>, input_dilations = array<i64: 1>}> : (tensor<2x3x5xT>, tensor<3x3xT>) -> tensor<2x3x5xT>"];
}
#endif
