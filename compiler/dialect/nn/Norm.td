// The dialect `nn`: normalisation. All forms that centre are `standardize` and a factor and a term per channel or element.
#ifndef TENON_NN_NORM_TD
#define TENON_NN_NORM_TD

def WideTensor : StaticShapeTensorOf<[F32, F64]>;

def Nn_StandardizeOp : Nn_OpWithVjp<"standardize", [InferredType]> {
  let summary = "(x - mean) / sqrt(variance + eps) over dimensions; also the mean and the biased variance";
  let description = [{
    The variance is the mean of squared differences from the mean (two passes). Mean and variance have the dimensions that are left. C1: dimensions increase and exist. C2: eps is not negative.
    The derivative reads x, mean and variance: with h = y, dx = (dy - mean(dy) - h mean(dy h)) / sqrt(variance + eps).

    Example: `%y, %mean, %variance = nn.standardize %x {dimensions = array<i64: 1>, eps = 1.0e-5} : tensor<2x3xf32>`
  }];
  let inputs = (ins WideTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$dimensions, F64Attr:$eps);
  let results = (outs WideTensor:$y, WideTensor:$mean, WideTensor:$variance);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let decomposition = "standardize(x, getDimensions(), getEps().convertToDouble())";
  let vjp = "standardizeAdjoint(x, {mean, variance}, {dy, dmean, dvariance}, getDimensions(), getEps().convertToDouble())";
  let samples = [
    "func.func @f(%x: tensor<2x5xT>) -> (tensor<2x5xT>, tensor<2xT>, tensor<2xT>) { %y:3 = nn.standardize %x {dimensions = array<i64: 1>, eps = 0.1} : tensor<2x5xT> return %y#0, %y#1, %y#2 : tensor<2x5xT>, tensor<2xT>, tensor<2xT> }",
    "func.func @f(%x: tensor<2x3x2xT>) -> (tensor<2x3x2xT>, tensor<3xT>, tensor<3xT>) { %y:3 = nn.standardize %x {dimensions = array<i64: 0, 2>, eps = 0.1} : tensor<2x3x2xT> return %y#0, %y#1, %y#2 : tensor<2x3x2xT>, tensor<3xT>, tensor<3xT> }"];
}

/// `affine` is empty, a weight, or a weight and a bias.
class Nn_Norm<string mnemonic, dag before, dag attributes_, dag after> : Nn_Op<mnemonic, [InferredType]> {
  let inputs = !con((ins FloatTensor:$x), before, (ins Variadic<FloatTensor>:$affine));
  let attributes = !con(attributes_, (ins F64Attr:$eps));
  let results = !con((outs FloatTensor:$y), after);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def Nn_BatchNormOp : Nn_Norm<"batch_norm", (ins FloatTensor:$mean, FloatTensor:$variance), (ins), (outs)> {
  let onnxForm = "onnx(*this, o)";
  let summary = "(x - mean) / sqrt(variance + eps) per channel, times weight, plus bias: with statistics that are given";
  let description = [{
    x is [N, C, ...], the others are [C]. C1: x has a channel dimension. C2: the others have one element per channel, of x's element type. C3: at most a weight and a bias. C4: eps is not negative.

    Example: `%y = nn.batch_norm %x, %mean, %variance, %w, %b {eps = 1.0e-5} : tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>`
  }];
  let decomposition = "batchNorm(x, mean, variance, Affine(*this, builder, 3), getEps().convertToDouble())"; let onnx = "BatchNormalization";
  let low = "0.1";
  let samples = ["<{eps = 0.1 : f64}> : (tensor<2x3x2xT>, tensor<3xT>, tensor<3xT>, tensor<3xT>, tensor<3xT>) -> tensor<2x3x2xT>",
    "<{eps = 0.1 : f64}> : (tensor<2x3xT>, tensor<3xT>, tensor<3xT>) -> tensor<2x3xT>"];
}
def Nn_BatchNormTrainingOp : Nn_Norm<"batch_norm_training", (ins), (ins), (outs FloatTensor:$mean, FloatTensor:$variance)> {
  let summary = "batch_norm with the batch's own mean and biased variance, which are results too";
  let description = [{
    Source: Ioffe and Szegedy, arXiv 1502.03167. x is [N, C, ...], weight and bias are [C]. C1: x has a channel dimension. C2: the others have one element per channel, of x's element type.
    C3: at most a weight and a bias. C4: eps is not negative.

    Example: `%y, %mean, %variance = nn.batch_norm_training %x, %w, %b {eps = 1.0e-5} : tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>`
  }];
  let decomposition = "batchNormTraining(x, Affine(*this, builder, 1), getEps().convertToDouble())"; let onnx = "BatchNormalization";
  let samples = [
    "func.func @f(%x: tensor<3x2x2xT>, %w: tensor<2xT>, %b: tensor<2xT>) -> (tensor<3x2x2xT>, tensor<2xT>, tensor<2xT>) { %y:3 = nn.batch_norm_training %x, %w, %b {eps = 0.1} : tensor<3x2x2xT>, tensor<2xT>, tensor<2xT> return %y#0, %y#1, %y#2 : tensor<3x2x2xT>, tensor<2xT>, tensor<2xT> }",
    "func.func @f(%x: tensor<4x2xT>) -> tensor<4x2xT> { %y:3 = nn.batch_norm_training %x {eps = 0.1} : tensor<4x2xT> return %y#0 : tensor<4x2xT> }"];
}
def Nn_InstanceNormOp : Nn_Norm<"instance_norm", (ins), (ins), (outs FloatTensor:$mean, FloatTensor:$variance)> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Every channel of every sample standardized, times weight, plus bias; also means and biased variances [N, C]";
  let description = [{
    Source: Ulyanov et al., arXiv 1607.08022. x is [N, C, ...], weight and bias are [C]. C1: x has a channel dimension. C2: the others have one element per channel, of x's element type.
    C3: at most a weight and a bias. C4: eps is not negative.

    Example: `%y, %mean, %variance = nn.instance_norm %x, %w, %b {eps = 1.0e-5} : tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>`
  }];
  let decomposition = "instanceNorm(x, Affine(*this, builder, 1), getEps().convertToDouble())"; let onnx = "InstanceNormalization";
  let samples = ["func.func @f(%x: tensor<2x2x3xT>, %w: tensor<2xT>, %b: tensor<2xT>) -> (tensor<2x2x3xT>, tensor<2x2xT>, tensor<2x2xT>) { %y:3 = nn.instance_norm %x, %w, %b {eps = 0.1} : tensor<2x2x3xT>, tensor<2xT>, tensor<2xT> return %y#0, %y#1, %y#2 : tensor<2x2x3xT>, tensor<2x2xT>, tensor<2x2xT> }"];
}
def Nn_GroupNormOp : Nn_Norm<"group_norm", (ins), (ins I64Attr:$groups), (outs)> {
  let onnxForm = "onnx(*this, o)";
  let autocast = "single";
  let summary = "Groups of channels of every sample standardized, times weight, plus bias per channel";
  let description = [{
    Source: Wu and He, arXiv 1803.08494. x is [N, C, ...], weight and bias are [C]. C1: x has a channel dimension. C2: the others have one element per channel, of x's element type.
    C3: at most a weight and a bias. C4: eps is not negative. C5: the number of groups is positive and divides the channels.

    Example: `%y = nn.group_norm %x, %w, %b {groups = 2, eps = 1.0e-5} : tensor<2x4x3xf32>, tensor<4xf32>, tensor<4xf32>`
  }];
  let decomposition = "groupNorm(x, getGroups(), Affine(*this, builder, 1), getEps().convertToDouble())"; let onnx = "GroupNormalization";
  let samples = ["<{groups = 2 : i64, eps = 0.1 : f64}> : (tensor<2x4x3xT>, tensor<4xT>, tensor<4xT>) -> tensor<2x4x3xT>", "<{groups = 1 : i64, eps = 0.1 : f64}> : (tensor<2x4xT>) -> tensor<2x4xT>"];
}
class Nn_TrailingNorm<string mnemonic> : Nn_Norm<mnemonic, (ins), (ins I64Attr:$axis), (outs)> {
  let autocast = "single";
  let samples = ["<{axis = 1 : i64, eps = 0.1 : f64}> : (tensor<2x5xT>, tensor<5xT>, tensor<5xT>) -> tensor<2x5xT>", "<{axis = 1 : i64, eps = 0.1 : f64}> : (tensor<2x3x2xT>, tensor<3x2xT>) -> tensor<2x3x2xT>",
    "<{axis = 2 : i64, eps = 0.1 : f64}> : (tensor<2x2x5xT>) -> tensor<2x2x5xT>"];
}
def Nn_LayerNormOp : Nn_TrailingNorm<"layer_norm"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "The dimensions from `axis` on standardized together, times weight, plus bias";
  let description = [{
    Source: Ba et al., arXiv 1607.06450. C1: the axis exists. C2: weight and bias have the extents from the axis on and x's element type. C3: at most a weight and a bias. C4: eps is not negative.

    Example: `%y = nn.layer_norm %x, %w, %b {axis = 1, eps = 1.0e-5} : tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>`
  }];
  let decomposition = "layerNorm(x, getAxis(), Affine(*this, builder, 1), getEps().convertToDouble())"; let onnx = "LayerNormalization";
}
def Nn_RmsNormOp : Nn_TrailingNorm<"rms_norm"> {
  let summary = "x / sqrt(mean of x squared + eps) over the dimensions from `axis` on, times weight";
  let description = [{
    Source: Zhang and Sennrich, arXiv 1910.07467. C1: the axis exists. C2: the weight has the extents from the axis on and x's element type. C3: at most a weight and a bias. C4: eps is not negative.

    Example: `%y = nn.rms_norm %x, %w {axis = 1, eps = 1.0e-6} : tensor<2x3xf32>, tensor<3xf32>`
  }];
  let decomposition = "rmsNorm(x, getAxis(), Affine(*this, builder, 1), getEps().convertToDouble())"; let onnx = "RMSNormalization";
}
#endif
