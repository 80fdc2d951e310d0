// Activations beside the common ones of Nn.td, by PyTorch's names and with its derivatives at the corners.
#ifndef TENON_NN_ACTIVATIONS_TD
#define TENON_NN_ACTIVATIONS_TD

/// With numbers for attributes; `example` gives each a value.
class Nn_ShapedActivation<string mnemonic, dag numbers, string example> : Nn_Activation<mnemonic> {
  let attributes = numbers;
  let description = "Element by element. C1: operand and result have one type.\n\nExample: `%y = nn." # mnemonic # " %x {" # example # "} : tensor<2x3xf32>`";
  let samples = ["<{" # example # "}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{" # example # "}> : (tensor<T>) -> tensor<T>"];
}

def Nn_EluOp : Nn_ShapedActivation<"elu", (ins F64Attr:$alpha), "alpha = 1.5 : f64"> {
  let onnxAttributes = "{\"alpha\", getAlpha().convertToDouble()}";
  let summary = "x where x > 0, alpha * (exp(x) - 1) elsewhere"; let onnx = "Elu";
  let decomposition = "select(x > 0.0, x, getAlpha().convertToDouble() * expm1(select(x > 0.0, 0.0, x)))";
}
def Nn_SeluOp : Nn_Activation<"selu"> {
  let summary = "elu scaled so that mean 0 and variance 1 are kept (Klambauer et al. 2017)"; let onnx = "Selu";
  let decomposition = "1.0507009873554804934193349852946 * select(x > 0.0, x, 1.6732632423543772848170429916717 * expm1(select(x > 0.0, 0.0, x)))";
}
def Nn_CeluOp : Nn_ShapedActivation<"celu", (ins F64Attr:$alpha), "alpha = 1.5 : f64"> {
  let onnxForm = "getX().getType().getElementType().isF32() ? " # onnxPlain # " : std::nullopt"; let onnxAttributes = "{\"alpha\", getAlpha().convertToDouble()}";
  let summary = "x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere"; let onnx = "Celu";
  let decomposition = "select(x > 0.0, x, getAlpha().convertToDouble() * expm1(select(x > 0.0, 0.0, x) / getAlpha().convertToDouble()))";
}
def Nn_HardtanhOp : Nn_ShapedActivation<"hardtanh", (ins F64Attr:$min_val, F64Attr:$max_val), "max_val = 1.0 : f64, min_val = -0.5 : f64"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "x held between two numbers; the derivative is 0 at both and beyond"; let onnx = "Clip";
  let decomposition = "select(x <= getMinVal().convertToDouble(), getMinVal().convertToDouble(), select(x >= getMaxVal().convertToDouble(), getMaxVal().convertToDouble(), x))";
}
def Nn_HardsigmoidOp : Nn_Activation<"hardsigmoid"> {
  let onnxAttributes = "{\"alpha\", 1.0 / 6.0}, {\"beta\", 0.5}";
  let summary = "x / 6 + 1/2 held between 0 and 1"; let onnx = "HardSigmoid";
  let decomposition = "select(x <= -3.0, 0.0, select(x >= 3.0, 1.0, (x + 3.0) / 6.0))"; let low = "-5.0"; let high = "5.0";
}
def Nn_HardswishOp : Nn_Activation<"hardswish"> {
  let onnxSince = 14;
  let summary = "x * hardsigmoid(x)"; let onnx = "HardSwish";
  let decomposition = "select(x <= -3.0, 0.0, select(x >= 3.0, x, x * (x + 3.0) / 6.0))"; let low = "-5.0"; let high = "5.0";
}
def Nn_HardshrinkOp : Nn_ShapedActivation<"hardshrink", (ins F64Attr:$lambd), "lambd = 0.5 : f64"> {
  let summary = "0 where |x| <= lambd, x elsewhere"; let decomposition = "select(abs(x) <= getLambd().convertToDouble(), 0.0, x)";
}
def Nn_SoftshrinkOp : Nn_ShapedActivation<"softshrink", (ins F64Attr:$lambd), "lambd = 0.5 : f64"> {
  let onnxAttributes = "{\"bias\", getLambd().convertToDouble()}, {\"lambd\", getLambd().convertToDouble()}";
  let summary = "x moved lambd towards 0, and 0 where |x| <= lambd"; let onnx = "Shrink";
  let decomposition = "select(x > getLambd().convertToDouble(), x - getLambd().convertToDouble(), select(x < -getLambd().convertToDouble(), x + getLambd().convertToDouble(), x * 0.0))";
}
def Nn_TanhshrinkOp : Nn_Activation<"tanhshrink"> { let summary = "x - tanh(x)"; let decomposition = "x - tanh(x)"; }
def Nn_ThresholdOp : Nn_ShapedActivation<"threshold", (ins F64Attr:$threshold, F64Attr:$value), "threshold = 0.1 : f64, value = 2.0 : f64"> {
  let summary = "x where x > threshold, value elsewhere"; let decomposition = "select(x <= getThreshold().convertToDouble(), getValue().convertToDouble(), x)";
}
def Nn_SoftplusOp : Nn_ShapedActivation<"softplus", (ins F64Attr:$beta, F64Attr:$threshold), "beta = 2.0 : f64, threshold = 3.0 : f64"> {
  let onnxForm = "onnx(*this, o)";
  let autocast = "single";
  let summary = "log(1 + exp(beta * x)) / beta, and x where beta * x > threshold"; let onnx = "Softplus";
  let decomposition = "softplus(x, getBeta().convertToDouble(), getThreshold().convertToDouble())";
}
def Nn_SoftsignOp : Nn_Activation<"softsign"> { let summary = "x / (1 + |x|)"; let decomposition = "x / (1.0 + abs(x))"; let onnx = "Softsign"; }
def Nn_LogSigmoidOp : Nn_Activation<"log_sigmoid", FloatTensor, [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let summary = "log(sigmoid(x)) without the overflow";
  let decomposition = "min(x, 0.0) - log1p(exp(-abs(x)))"; let vjp = "dy * sigmoid(-x)";
  let extraClassDefinition = commonDefinition # decomposeDefinition # vjpDefinition;
}
def Nn_MishOp : Nn_Activation<"mish"> {
  let onnxSince = 18;
  let summary = "x * tanh(softplus(x)) (Misra 2019)"; let decomposition = "x * tanh(softplus(x, 1.0, 40.0))"; let onnx = "Mish";
}

def Nn_PreluOp : Nn_Op<"prelu", [OneType<["x", "y"]>]> {
  let onnxForm = "onnx(*this, o)";
  let autocast = "low";
  let summary = "x where x > 0, weight * x elsewhere; one weight, or one per channel (dimension 1)"; let onnx = "PRelu";
  let description = [{
    C1: operand and result have one type. C2: the weight is [1], or [C] with x of [N, C, ...], and of x's element type.

    Example: `%y = nn.prelu %x, %w : tensor<2x3xf32>, tensor<3xf32>`
  }];
  let inputs = (ins FloatTensor:$x, FloatTensor:$weight); let results = (outs FloatTensor:$y);
  let assemblyFormat = "$x `,` $weight attr-dict `:` type($x) `,` type($weight)";
  let decomposition = "select(x > 0.0, x, broadcast(weight.shape()[0] == 1 ? reshape(weight, {}) : weight, x.shape(), weight.shape()[0] == 1 ? llvm::ArrayRef<int64_t>() : llvm::ArrayRef<int64_t>(1)) * x)";
  let samples = ["<{}> : (tensor<2x3xT>, tensor<3xT>) -> tensor<2x3xT>", "<{}> : (tensor<2x3x2xT>, tensor<1xT>) -> tensor<2x3x2xT>", "<{}> : (tensor<3xT>, tensor<1xT>) -> tensor<3xT>"];
  let hasVerifier = 1;
}
def Nn_GluOp : Nn_Op<"glu", [InferredType]> {
  let summary = "The first half along a dimension times the sigmoid of the second (Dauphin et al. 2017)";
  let description = "C1: the dimension exists and has an even extent.\n\nExample: `%y = nn.glu %x {dim = 1} : tensor<2x4xf32>`";
  let inputs = (ins FloatTensor:$x); let attributes = (ins I64Attr:$dim); let results = (outs FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "glu(x, getDim())";
  let samples = ["<{dim = 1 : i64}> : (tensor<2x4xT>) -> tensor<2x2xT>", "<{dim = 0 : i64}> : (tensor<2x3xT>) -> tensor<1x3xT>"];
}
#endif
