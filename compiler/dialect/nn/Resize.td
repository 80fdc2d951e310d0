// nn: images of another size.
#ifndef TENON_NN_RESIZE_TD
#define TENON_NN_RESIZE_TD

def Nn_ResizeForm : I32EnumAttr<"ResizeForm", "how an element between two is read", [I32EnumAttrCase<"nearest", 0>, I32EnumAttrCase<"nearest_exact", 1>, I32EnumAttrCase<"linear", 2>,
    I32EnumAttrCase<"cubic", 3>]> { let cppNamespace = "::tenon::ir::nn"; }

def Nn_ResizeOp : Nn_Op<"resize", [InferredType]> {
  let autocast = "single";
  let summary = "The last dimensions of x at another size, by the nearest element, by lines or by cubics (PyTorch's interpolate)";
  let description = [{
    `size` are the new extents of the last dimensions; `step` how far neighbours of the result lie apart in x. Element i is read at `i * step` (nearest; lines and cubics with `align_corners`), else
    at `(i + 0.5) * step - 0.5`. Keys' cubic convolution with a = -0.75. C1: size and step have as many entries, at least one and at most the rank of x. C2: sizes and the extents they replace are
    positive, steps not negative.

    Example: `%y = nn.resize linear %x {size = array<i64: 8>, step = array<f64: 0.5>} : tensor<2x4xf32>`
  }];
  let inputs = (ins FloatTensor:$x);
  let attributes = (ins Nn_ResizeForm:$form, DenseI64ArrayAttr:$size, DenseF64ArrayAttr:$step, DefaultValuedAttr<BoolAttr, "false">:$align_corners);
  let results = (outs FloatTensor:$y);
  let assemblyFormat = "$form $x attr-dict `:` type($x)";
  let decomposition = "resize(x, getForm(), getSize(), getStep(), getAlignCorners())"; let onnx = "Resize";
  let samples = ["<{form = 0 : i32, size = array<i64: 4, 6>, step = array<f64: 0.5, 0.5>}> : (tensor<2x2x3xT>) -> tensor<2x4x6xT>",
    "<{form = 1 : i32, size = array<i64: 5>, step = array<f64: 0.6>}> : (tensor<2x3xT>) -> tensor<2x5xT>",
    "<{form = 2 : i32, size = array<i64: 4, 6>, step = array<f64: 0.5, 0.5>}> : (tensor<2x2x3xT>) -> tensor<2x4x6xT>",
    "<{form = 2 : i32, size = array<i64: 7>, step = array<f64: 0.333>, align_corners = true}> : (tensor<2x3xT>) -> tensor<2x7xT>",
    "<{form = 3 : i32, size = array<i64: 7>, step = array<f64: 0.571>}> : (tensor<2x4xT>) -> tensor<2x7xT>"];
}
#endif
