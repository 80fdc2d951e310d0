// Activations and layers: forms and values.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// VALUE: rows: dense<{{\[}}[0.0900305{{[0-9]*}}, 0.244728{{[0-9]*}}, 0.66524{{[0-9]*}}]]>
// VALUE: rows: dense<2>
// VALUE: rows: dense<2> : tensor<1x1xi64>
func.func @rows() -> (tensor<1x3xf32>, tensor<1xi64>, tensor<1x1xi64>) {
  %x = prim.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  // CHECK: nn.softmax %{{.*}} {dim = 1 : i64} : tensor<1x3xf32>
  %0 = nn.softmax %x {dim = 1 : i64} : tensor<1x3xf32>
  // CHECK: nn.argmax %{{.*}} {dim = 1 : i64} : tensor<1x3xf32>
  %1 = nn.argmax %x {dim = 1 : i64} : tensor<1x3xf32>
  // CHECK: nn.argmax %{{.*}} {dim = 1 : i64, keepdim = true} : tensor<1x3xf32>
  %2 = nn.argmax %x {dim = 1 : i64, keepdim = true} : tensor<1x3xf32>
  return %0, %1, %2 : tensor<1x3xf32>, tensor<1xi64>, tensor<1x1xi64>
}

// The first NaN is the largest.
// VALUE: nan: dense<1>
func.func @nan() -> tensor<i64> {
  %x = prim.constant dense<[1.0, 0x7FC00000, 0x7FC00000]> : tensor<3xf32>
  %0 = nn.argmax %x {dim = 0 : i64} : tensor<3xf32>
  return %0 : tensor<i64>
}

// VALUE: pointwise: dense<0.841344{{[0-9]*}}>
// VALUE: pointwise: dense<8.411920e-01>
// VALUE: pointwise: dense<0.731058{{[0-9]*}}>
// VALUE: pointwise: dense<0.731058{{[0-9]*}}>
// VALUE: pointwise: dense<-1.000000e-01>
func.func @pointwise() -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %x = prim.constant dense<1.0> : tensor<f32>
  %m = prim.constant dense<-1.0> : tensor<f32>
  // CHECK: nn.gelu none %{{.*}} : tensor<f32>
  %0 = nn.gelu none %x : tensor<f32>
  // CHECK: nn.gelu tanh %{{.*}} : tensor<f32>
  %1 = nn.gelu tanh %x : tensor<f32>
  // CHECK: nn.silu %{{.*}} : tensor<f32>
  %2 = nn.silu %x : tensor<f32>
  // CHECK: nn.sigmoid %{{.*}} : tensor<f32>
  %3 = nn.sigmoid %x : tensor<f32>
  // CHECK: nn.leaky_relu %{{.*}} {slope = 1.000000e-01 : f64} : tensor<f32>
  %4 = nn.leaky_relu %m {slope = 0.1 : f64} : tensor<f32>
  return %0, %1, %2, %3, %4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// Draws depend on seed and counter alone: the second draw continues the first.
// VALUE: draws: dense<true>
// VALUE: draws: dense<[2.000000e+00, {{.*}}]>
func.func @draws() -> (tensor<2xi1>, tensor<6xf32>) {
  %seed = prim.constant dense<7> : tensor<i64>
  %zero = prim.constant dense<0> : tensor<i64>
  %two = prim.constant dense<2> : tensor<i64>
  // CHECK: nn.random_uniform %{{.*}}, %{{.*}} : tensor<4xf32>
  %a = nn.random_uniform %seed, %zero : tensor<4xf32>
  %b = nn.random_uniform %seed, %two : tensor<2xf32>
  %tail = prim.slice %a {offsets = array<i64: 2>, sizes = array<i64: 2>, strides = array<i64: 1>} : tensor<4xf32>
  %same = prim.compare eq %tail, %b : tensor<2xf32>
  %one = prim.constant dense<1.0> : tensor<6xf32>
  // CHECK: nn.dropout %{{.*}}, %{{.*}}, %{{.*}} {p = 5.000000e-01 : f64} : tensor<6xf32>
  %d = nn.dropout %one, %seed, %two {p = 0.5 : f64} : tensor<6xf32>
  return %same, %d : tensor<2xi1>, tensor<6xf32>
}
