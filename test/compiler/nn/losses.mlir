// Losses: forms, and values that PyTorch 2.13 gives.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// torch.nn.functional.cross_entropy([[1, 2, 3], [1, -1, 0]], [2, 0]) = 0.407606; label_smoothing=0.1: 0.507606
// VALUE: cross_entropy: dense<4.07606{{.*}}>
// VALUE: cross_entropy: dense<{{\[}}0.40760{{[0-9]*}}, 0.000000e+00]>
// VALUE: cross_entropy: dense<0.50760{{[0-9]*}}>
func.func @cross_entropy() -> (tensor<f32>, tensor<2xf32>, tensor<f32>) {
  %x = prim.constant dense<[[1.0, 2.0, 3.0], [1.0, -1.0, 0.0]]> : tensor<2x3xf32>
  %t = prim.constant dense<[2, 0]> : tensor<2xi64>
  // CHECK: nn.cross_entropy mean %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<2xi64>
  %0 = nn.cross_entropy mean %x, %t : tensor<2x3xf32>, tensor<2xi64>
  // CHECK: nn.cross_entropy none %{{.*}}, %{{.*}} {ignore_index = 0 : i64} : tensor<2x3xf32>, tensor<2xi64>
  %1 = nn.cross_entropy none %x, %t {ignore_index = 0 : i64} : tensor<2x3xf32>, tensor<2xi64>
  // CHECK: nn.cross_entropy mean %{{.*}}, %{{.*}} {label_smoothing = 1.000000e-01 : f64}
  %2 = nn.cross_entropy mean %x, %t {label_smoothing = 0.1 : f64} : tensor<2x3xf32>, tensor<2xi64>
  return %0, %1, %2 : tensor<f32>, tensor<2xf32>, tensor<f32>
}

// VALUE: bad_label fails: cross_entropy: a label is not in [0, 3)
func.func @bad_label() -> tensor<f32> {
  %x = prim.constant dense<0.0> : tensor<2x3xf32>
  %t = prim.constant dense<[2, 3]> : tensor<2xi64>
  %0 = nn.cross_entropy mean %x, %t : tensor<2x3xf32>, tensor<2xi64>
  return %0 : tensor<f32>
}

// VALUE: elements: dense<2.500000e+00>
// VALUE: elements: dense<3.000000e+00>
func.func @elements() -> (tensor<f32>, tensor<f32>) {
  %x = prim.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %t = prim.constant dense<[0.0, 4.0]> : tensor<2xf32>
  // CHECK: nn.mse_loss mean %{{.*}}, %{{.*}} : tensor<2xf32>
  %0 = nn.mse_loss mean %x, %t : tensor<2xf32>
  // CHECK: nn.l1_loss sum %{{.*}}, %{{.*}} : tensor<2xf32>
  %1 = nn.l1_loss sum %x, %t : tensor<2xf32>
  return %0, %1 : tensor<f32>, tensor<f32>
}
