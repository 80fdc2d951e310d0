// Losses of equal shapes whose decomposition is their derivative too.
#ifndef TENON_NN_ELEMENT_LOSSES_TD
#define TENON_NN_ELEMENT_LOSSES_TD

class Nn_ShapedLoss<string mnemonic, dag numbers, string example> : Nn_Op<mnemonic, [OneType<["x", "target"]>, InferredType]> {
  let autocast = "single";
  let inputs = (ins FloatTensor:$x, FloatTensor:$target); let results = (outs FloatTensor:$y);
  let attributes = !con((ins Nn_Reduction:$reduction), numbers);
  let assemblyFormat = "$reduction operands attr-dict `:` type($x)";
  let description = "C1: prediction and target have one type.\n\nExample: `%l = nn." # mnemonic # " mean %x, %target {" # example # "} : tensor<2x3xf32>`";
  let samples = ["<{" # example # ", reduction = 0 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xT>",
    "<{" # example # ", reduction = 1 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<T>", "<{" # example # ", reduction = 2 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<T>"];
}
def Nn_SmoothL1LossOp : Nn_ShapedLoss<"smooth_l1_loss", (ins F64Attr:$beta), "beta = 1.0 : f64"> {
  let summary = "(x - target)^2 / (2 beta) where |x - target| < beta, |x - target| - beta / 2 elsewhere (Girshick 2015)";
  let decomposition = "reduced(smoothL1(x - target, getBeta().convertToDouble()), getReduction())";
}
def Nn_HuberLossOp : Nn_ShapedLoss<"huber_loss", (ins F64Attr:$delta), "delta = 1.0 : f64"> {
  let summary = "delta times smooth_l1_loss with beta = delta (Huber 1964)";
  let decomposition = "reduced(getDelta().convertToDouble() * smoothL1(x - target, getDelta().convertToDouble()), getReduction())";
}
def Nn_KlDivOp : Nn_ShapedLoss<"kl_div", (ins BoolAttr:$log_target), "log_target = false"> {
  let summary = "target * (log(target) - x) for log probabilities x; log_target: the target is a logarithm too";
  let decomposition = "reduced(klDivergence(x, target, getLogTarget()), getReduction())"; let low = "0.1"; let high = "0.9";
}
#endif
