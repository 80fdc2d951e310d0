// The evaluator takes captured functions: it decomposes and differentiates a copy. One step of gradient descent on (w - 3)^2.
// RUN: tenon-opt %s --evaluate | FileCheck %s

prim.state @w : tensor<1xf64> = dense<1.0> : tensor<1xf64>

// CHECK: step: dense<4.000000e+00>
// CHECK: step leaves w: dense<1.400000e+00>
func.func @step() -> tensor<f64> {
  %w = prim.read @w : tensor<1xf64>
  %three = prim.constant dense<3.0> : tensor<1xf64>
  %loss = nn.mse_loss mean %w, %three : tensor<1xf64>
  %g = prim.gradient %loss wrt(%w) : tensor<f64> wrt tensor<1xf64>
  %lr = prim.constant dense<0.1> : tensor<f64>
  %n = prim.foreach shared(%lr : tensor<f64>) lists(%w, %g : tensor<1xf64>, tensor<1xf64>) count(1) {
  ^bb0(%r: tensor<f64>, %p: tensor<f64>, %d: tensor<f64>):
    %s = prim.mul %r, %d : tensor<f64>
    %q = prim.sub %p, %s : tensor<f64>
    prim.yield %q : tensor<f64>
  } -> tensor<1xf64>
  prim.write @w, %n : tensor<1xf64>
  return %loss : tensor<f64>
}
