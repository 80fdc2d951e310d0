// The dialect `nn`: composites that users and ONNX know by name, each defined by its decomposition into prim.
#ifndef TENON_NN_TD
#define TENON_NN_TD
include "compiler/dialect/interfaces/Interfaces.td"

def Nn_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::tenon::ir::nn";
  let dependentDialects = ["::tenon::ir::prim::PrimDialect"];
  let summary = "Neural-network operations.";
  let description = [{
    Every op decomposes into prim; that decomposition is its meaning. Numerics are PyTorch's. An op with a derivative of its own stays whole until gradients are answered.
    The labels C1, C2, ... in an op's description are the constraints that its verifier names.
  }];
}

def Nn_Reduction : I32EnumAttr<"Reduction", "what a loss does with its elements",
    [I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"mean", 1>, I32EnumAttrCase<"sum", 2>]> { let cppNamespace = "::tenon::ir::nn"; }
def Nn_GeluForm : I32EnumAttr<"GeluForm", "how gelu is computed", [I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>]> { let cppNamespace = "::tenon::ir::nn"; }

/// `decomposition`: one infix expression over the operands by their names, or a call of a named function.
class Nn_Op<string mnemonic, list<Trait> traits = []> : Tenon_Op<Nn_Dialect, mnemonic, traits # [Pure, DeclareOpInterfaceMethods<DecomposableOpInterface>]> {
  code decomposition = "";
  code decomposeDefinition = "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decompose([[maybe_unused]] ::mlir::ImplicitLocOpBuilder &builder) {\n" #
    BindOperands<inputs, "Expr", "Operands(*this)">.code_ # "  return finish(*this, " # decomposition # ");\n}\n";
  let extraClassDefinition = commonDefinition # decomposeDefinition;
}
/// With a derivative of its own.
class Nn_OpWithVjp<string mnemonic, list<Trait> traits = []> : Nn_Op<mnemonic, traits # [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let extraClassDefinition = commonDefinition # decomposeDefinition # vjpDefinition;
}

//===-- Activations -------------------------------------------------------------------------------------------------===//

class Nn_Activation<string mnemonic, Type type = FloatTensor, list<Trait> traits = []> : Nn_Op<mnemonic, traits # [OneType<["x", "y"]>]> {
  let description = "Element by element. C1: operand and result have one type.\n\nExample: `%y = nn." # mnemonic # " %x : tensor<2x3xf32>`";
  let inputs = (ins type:$x);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let onnxForm = onnxPlain;
  let samples = ["<{}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{}> : (tensor<T>) -> tensor<T>"];
}

def Nn_ReluOp : Nn_Activation<"relu", NumberTensor> {
  let summary = "0 where x <= 0, x elsewhere: NaN passes, the derivative at 0 is 0"; let decomposition = "select(x <= 0.0, 0.0, x)"; let onnx = "Relu";
}
def Nn_LeakyReluOp : Nn_Activation<"leaky_relu"> {
  let onnxAttributes = "{\"alpha\", getSlope().convertToDouble()}";
  let summary = "x where x > 0, slope * x elsewhere";
  let description = "Element by element. C1: operand and result have one type.\n\nExample: `%y = nn.leaky_relu %x {slope = 0.01 : f64} : tensor<2x3xf32>`";
  let attributes = (ins F64Attr:$slope);
  let decomposition = "select(x > 0.0, x, x * getSlope().convertToDouble())"; let onnx = "LeakyRelu";
  let samples = ["<{slope = 0.1 : f64}> : (tensor<2x3xT>) -> tensor<2x3xT>"];
}
def Nn_SigmoidOp : Nn_Activation<"sigmoid", FloatTensor, [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let summary = "1 / (1 + exp(-x))";
  let decomposition = "1.0 / (1.0 + exp(-x))"; let vjp = "dy * (y * (1.0 - y))"; let onnx = "Sigmoid";
  let extraClassDefinition = commonDefinition # decomposeDefinition # vjpDefinition;
}
def Nn_TanhOp : Nn_Activation<"tanh"> { let summary = "Hyperbolic tangent"; let decomposition = "tanh(x)"; let onnx = "Tanh"; }
def Nn_SiluOp : Nn_Activation<"silu"> { let onnxSince = 24; let summary = "x * sigmoid(x)"; let decomposition = "x * sigmoid(x)"; let onnx = "Swish"; }
def Nn_GeluOp : Nn_Activation<"gelu"> {
  let onnxSince = 20; let onnxAttributes = "{\"approximate\", std::string(stringifyGeluForm(getApproximate()))}";
  let summary = "x times the normal distribution's probability below x; `tanh`: its approximation";
  let description = "C1: operand and result have one type. Source: Hendrycks and Gimpel, arXiv 1606.08415.\n\nExample: `%y = nn.gelu none %x : tensor<2x3xf32>`";
  let attributes = (ins Nn_GeluForm:$approximate);
  let assemblyFormat = "$approximate $x attr-dict `:` type($x)";
  let decomposition = "gelu(x, getApproximate())"; let onnx = "Gelu";
  let samples = ["<{approximate = 0 : i32}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{approximate = 1 : i32}> : (tensor<2x3xT>) -> tensor<2x3xT>"];
}

class Nn_AlongDimension<string mnemonic, dag more = (ins), list<Trait> traits = []> : Nn_Op<mnemonic, traits # [OneType<["x", "y"]>]> {
  let autocast = "single";
  let description = "C1: operand and result have one type. C2: the dimension exists.\n\nExample: `%y = nn." # mnemonic # " %x {dim = 1} : tensor<2x3xf32>`";
  let inputs = (ins FloatTensor:$x); let attributes = !con((ins I64Attr:$dim), more); let results = (outs FloatTensor:$y); let assemblyFormat = "$x attr-dict `:` type($x)";
  let samples = ["<{dim = 1 : i64}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{dim = 0 : i64}> : (tensor<2x3xT>) -> tensor<2x3xT>"];
  let hasVerifier = 1;
}
def Nn_SoftmaxOp : Nn_AlongDimension<"softmax", (ins DefaultValuedAttr<BoolAttr, "false">:$empty_rows), [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let onnxForm = "getEmptyRows() ? std::nullopt : " # onnxPlain; let onnxAttributes = "{\"axis\", static_cast<int64_t>(getDim())}";
  let summary = "exp(x) / sum of exp(x) along a dimension, with the maximum subtracted first; `empty_rows`: rows of -infinity alone are zero, not NaN";
  let decomposition = "softmax(x, getDim(), getEmptyRows())"; let onnx = "Softmax";
  let where = "Expr flow = dy * y;"; // reads the result alone: neither x nor the sum is kept for it
  let vjp = "flow - y * restore(sum(flow, {static_cast<int64_t>(getDim())}), y.shape(), {static_cast<int64_t>(getDim())})";
  let extraClassDefinition = commonDefinition # decomposeDefinition # vjpDefinition;
}
def Nn_LogSoftmaxOp : Nn_AlongDimension<"log_softmax"> {
  let onnxForm = onnxPlain; let onnxAttributes = "{\"axis\", static_cast<int64_t>(getDim())}";
  let summary = "log(softmax(x)) without the overflow"; let decomposition = "logSoftmax(x, getDim())"; let onnx = "LogSoftmax";
}
def Nn_ArgmaxOp : Nn_Op<"argmax", [InferredType]> {
  let onnxForm = onnxPlain; let onnxAttributes = "{\"axis\", static_cast<int64_t>(getDim())}, {\"keepdims\", int64_t(getKeepdim())}";
  let summary = "Index of the first largest element along a dimension; of the first NaN if there is one";
  let description = "C1: the dimension exists and is not empty. The result is i64; `keepdim` keeps the dimension with extent 1.\n\nExample: `%y = nn.argmax %x {dim = 1} : tensor<2x3xf32>`";
  let inputs = (ins NumberTensor:$x); let attributes = (ins I64Attr:$dim, DefaultValuedAttr<BoolAttr, "false">:$keepdim); let results = (outs StaticShapeTensorOf<[I64]>:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "argmax(x, getDim(), getKeepdim())"; let onnx = "ArgMax";
  let samples = ["<{dim = 1 : i64}> : (tensor<2x3xT>) -> tensor<2xi64>", "<{dim = 0 : i64, keepdim = true}> : (tensor<2x3xT>) -> tensor<1x3xi64>"];
}

//===-- Layers ------------------------------------------------------------------------------------------------------===//

def Nn_LinearOp : Nn_Op<"linear", [InferTypeOpAdaptor]> {
  let onnxForm = "onnx(*this, o)";
  let autocast = "low";
  let summary = "x times the transpose of w, plus b";
  let description = [{
    x is [..., in], w is [out, in], b is [out], the result [..., out]. C1: ranks are at least 1, 2, and 1. C2: x and w agree on the input features. C3: w and b agree on the output features.
    C4: element types are equal.

    Example: `%y = nn.linear %x, %w, %b : tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>`
  }];
  let inputs = (ins FloatTensor:$x, FloatTensor:$w, Optional<FloatTensor>:$b); let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let decomposition = "linear(x, w, b)"; let onnx = "Gemm";
  let samples = ["<{}> : (tensor<2x3xT>, tensor<4x3xT>, tensor<4xT>) -> tensor<2x4xT>", "<{}> : (tensor<2x3xT>, tensor<4x3xT>) -> tensor<2x4xT>",
    "<{}> : (tensor<3xT>, tensor<4x3xT>, tensor<4xT>) -> tensor<4xT>", "<{}> : (tensor<2x2x3xT>, tensor<4x3xT>, tensor<4xT>) -> tensor<2x2x4xT>"];
}

def Nn_CheckedIndexOp : Nn_Op<"checked_index", [OneType<["x", "y"]>]> {
  let summary = "Indices in [0, extent); others make the step fail. `wrap`: from -extent on, counted from the end";
  let description = "`user` is the op that asks, for the message. C1: operand and result have one type.\n\nExample: `%y = nn.checked_index %x {extent = 5, wrap = false, user = \"gather\"} : tensor<2x3xi64>`";
  let inputs = (ins IntegerTensor:$x); let attributes = (ins I64Attr:$extent, BoolAttr:$wrap, StrAttr:$user); let results = (outs IntegerTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "checkedIndex(x, getExtent(), getWrap(), getUser())"; let lowInteger = "0"; let highInteger = "2";
  let samples = ["<{extent = 3 : i64, wrap = false, user = \"gather\"}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{extent = 3 : i64, wrap = true, user = \"take\"}> : (tensor<4xT>) -> tensor<4xT>"];
}

def Nn_EmbeddingOp : Nn_Op<"embedding", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Rows of a table; no derivative flows to the row `padding_idx`";
  let description = [{
    y[i..., d] = weight[x[i...], d]. An index outside of [0, V) makes the step fail. C1: weight is [V, D]. C2: padding_idx, where given, is in [0, V).

    Example: `%y = nn.embedding %x, %w : tensor<2x3xi64>, tensor<5x4xf32>`
  }];
  let inputs = (ins IntegerTensor:$x, FloatTensor:$weight); let attributes = (ins OptionalAttr<I64Attr>:$padding_idx); let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let decomposition = "embedding(x, weight, getPaddingIdx())"; let onnx = "Gather"; let lowInteger = "0"; let highInteger = "2";
  let samples = ["<{}> : (tensor<2x3xi64>, tensor<4x2xT>) -> tensor<2x3x2xT>", "<{}> : (tensor<i64>, tensor<3x2xT>) -> tensor<2xT>",
    "<{padding_idx = 1 : i64}> : (tensor<5xi32>, tensor<4x3xf32>) -> tensor<5x3xf32>"]; // padding of a fixed type: its derivative is not the limit of differences, by its very purpose
}

def Nn_DropoutOp : Nn_Op<"dropout", [OneType<["x", "y"]>]> {
  let summary = "Zero with probability p, x / (1 - p) elsewhere; consumes one counter per element";
  let description = "C1: operand and result have one type. C2: p is in [0, 1].\n\nExample: `%y = nn.dropout %x, %seed, %counter {p = 0.5} : tensor<2x3xf32>`";
  let inputs = (ins FloatTensor:$x, KeyScalar:$seed, KeyScalar:$counter); let attributes = (ins F64Attr:$p); let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type($x)";
  let decomposition = "dropout(x, seed, counter, getP().convertToDouble())"; let onnx = "Dropout";
  let samples = ["<{p = 0.3 : f64}> : (tensor<2x3xT>, tensor<i64>, tensor<i64>) -> tensor<2x3xT>"];
  let hasVerifier = 1;
}

class Nn_Random<string mnemonic> : Nn_Op<mnemonic> {
  let inputs = (ins KeyScalar:$seed, KeyScalar:$counter); let results = (outs FloatTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
  let description = "Consumes one counter per element; see prim.philox.\n\nExample: `%y = nn." # mnemonic # " %seed, %counter : tensor<2x3xf32>`";
  let samples = ["<{}> : (tensor<i64>, tensor<i64>) -> tensor<2x3xT>"];
}
def Nn_RandomUniformOp : Nn_Random<"random_uniform"> {
  let summary = "Uniform in [0, 1), with as many bits as the element type holds (f32 24, f64 53, bf16 8, f16 11)"; let decomposition = "randomUniform(seed, counter, getY().getType())"; let onnx = "RandomUniform";
}
def Nn_RandomNormalOp : Nn_Random<"random_normal"> {
  let summary = "Normal with mean 0 and deviation 1 (Box and Muller 1958)"; let decomposition = "randomNormal(seed, counter, getY().getType())"; let onnx = "RandomNormal";
}

//===-- Losses ------------------------------------------------------------------------------------------------------===//

/// Losses of equal shapes. `reduction`: none keeps the shape; mean and sum give a scalar.
class Nn_ElementLoss<string mnemonic, list<Trait> traits = []> : Nn_OpWithVjp<mnemonic, traits # [OneType<["x", "target"]>, InferredType]> {
  let autocast = "single";
  let inputs = (ins FloatTensor:$x, FloatTensor:$target); let attributes = (ins Nn_Reduction:$reduction); let results = (outs FloatTensor:$y);
  let assemblyFormat = "$reduction operands attr-dict `:` type($x)";
  let description = "C1: prediction and target have one type.\n\nExample: `%l = nn." # mnemonic # " mean %x, %target : tensor<2x3xf32>`";
  let samples = ["<{reduction = 0 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xT>", "<{reduction = 1 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<T>",
    "<{reduction = 2 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<T>"];
  let where = "Expr g = unreduced(dy, x, getReduction());";
}
def Nn_MseLossOp : Nn_ElementLoss<"mse_loss"> {
  let summary = "(x - target) squared"; let decomposition = "reduced((x - target) * (x - target), getReduction())";
  let vjp = "g * (2.0 * (x - target)), -(g * (2.0 * (x - target)))";
}
def Nn_L1LossOp : Nn_ElementLoss<"l1_loss"> {
  let summary = "|x - target|"; let decomposition = "reduced(abs(x - target), getReduction())"; let vjp = "g * sign(x - target), -(g * sign(x - target))";
}
def Nn_BinaryCrossEntropyOp : Nn_ElementLoss<"binary_cross_entropy"> {
  let summary = "-(t log x + (1 - t) log(1 - x)), logarithms not below -100, of probabilities x";
  let decomposition = "reduced(binaryCrossEntropy(x, target), getReduction())"; let low = "0.1"; let high = "0.9";
  let vjp = "g * ((x - target) / max((1.0 - x) * x, 1e-12)), g * (log1p(-x) - log(x))";
}
def Nn_BinaryCrossEntropyWithLogitsOp : Nn_ElementLoss<"binary_cross_entropy_with_logits"> {
  let summary = "binary_cross_entropy of sigmoid(x), without the overflow";
  let decomposition = "reduced((1.0 - target) * x - (min(x, 0.0) - log1p(exp(-abs(x)))), getReduction())";
  let vjp = "g * (sigmoid(x) - target), -(g * x)";
}

/// Losses of classes: rows [N, C], labels [N], an optional weight [C] per class.
class Nn_ClassLoss<string mnemonic> : Nn_Op<mnemonic, [InferredType]> {
  let autocast = "single";
  let description = [{
    Labels are in [0, C) or equal `ignore_index`; others make the step fail. Ignored rows count neither in the sum nor in the mean, which divides by the weights of the rows that do.
    C1: x is [N, C]. C2: target is [N]. C3: weight is [C] of x's element type. C4: label_smoothing is in [0, 1].

    Example: `%l = nn.}] # mnemonic # [{ mean %x, %target : tensor<2x3xf32>, tensor<2xi64>`
  }];
  let results = (outs FloatTensor:$y);
  let inputs = (ins FloatTensor:$x, IntegerTensor:$target, Optional<FloatTensor>:$weight);
  let lowInteger = "0"; let highInteger = "2"; // labels that exist
  let assemblyFormat = "$reduction operands attr-dict `:` type(operands)";
}
def Nn_NllLossOp : Nn_ClassLoss<"nll_loss"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "-x[target]: negative log likelihood of log probabilities";
  let attributes = (ins Nn_Reduction:$reduction, DefaultValuedAttr<I64Attr, "-100">:$ignore_index);
  let decomposition = "classLoss(x, target, weight, getReduction(), getIgnoreIndex(), 0.0, \"nll_loss\")"; let onnx = "NegativeLogLikelihoodLoss";
  let samples = ["<{reduction = 0 : i32}> : (tensor<3x4xT>, tensor<3xi64>) -> tensor<3xT>", "<{reduction = 1 : i32, ignore_index = 1 : i64}> : (tensor<3x4xT>, tensor<3xi32>, tensor<4xT>) -> tensor<T>",
    "<{reduction = 2 : i32}> : (tensor<3x4xT>, tensor<3xi64>, tensor<4xT>) -> tensor<T>"];
}
def Nn_CrossEntropyOp : Nn_ClassLoss<"cross_entropy"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "nll_loss of log_softmax, with a share of every class (label_smoothing)";
  let attributes = (ins Nn_Reduction:$reduction, DefaultValuedAttr<I64Attr, "-100">:$ignore_index, DefaultValuedAttr<F64Attr, "0.0">:$label_smoothing);
  let decomposition = "classLoss(logSoftmax(x, 1), target, weight, getReduction(), getIgnoreIndex(), getLabelSmoothing().convertToDouble(), \"cross_entropy\")";
  let onnx = "SoftmaxCrossEntropyLoss";
  let samples = ["<{reduction = 0 : i32}> : (tensor<3x4xT>, tensor<3xi64>) -> tensor<3xT>", "<{reduction = 1 : i32}> : (tensor<3x4xT>, tensor<3xi64>) -> tensor<T>",
    "<{reduction = 1 : i32, ignore_index = 1 : i64, label_smoothing = 0.1 : f64}> : (tensor<3x4xT>, tensor<3xi32>, tensor<4xT>) -> tensor<T>",
    "<{reduction = 2 : i32, label_smoothing = 0.2 : f64}> : (tensor<3x4xT>, tensor<3xi64>) -> tensor<T>"];
}
include "compiler/dialect/nn/Attention.td"
include "compiler/dialect/nn/Recurrent.td"
include "compiler/dialect/nn/Conv.td"
include "compiler/dialect/nn/Math.td"
include "compiler/dialect/nn/Norm.td"
include "compiler/dialect/nn/Resize.td"
include "compiler/dialect/nn/Window.td"

include "compiler/dialect/nn/Activations.td"
include "compiler/dialect/nn/ElementLosses.td"
#endif
