// Every constraint of normalisation, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.standardize: dimensions must increase and exist in 'tensor<2x3xf32>' (C1)}}
  %y:3 = nn.standardize %x {dimensions = array<i64: 1, 0>, eps = 1.0e-5} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.standardize: eps must not be negative, got -1.000000 (C2)}}
  %y:3 = nn.standardize %x {dimensions = array<i64: 1>, eps = -1.0} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<3xf32>) {
  // expected-error @+1 {{nn.batch_norm_training: expected an input [N, C, ...], got 'tensor<3xf32>' (C1)}}
  %y:3 = nn.batch_norm_training %x {eps = 1.0e-5} : tensor<3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %m: tensor<2xf32>) {
  // expected-error @+1 {{nn.batch_norm: expected parameters of 'tensor<3xf32>' for 'tensor<2x3xf32>', got 'tensor<2xf32>' (C2)}}
  %y = nn.batch_norm %x, %m, %m {eps = 1.0e-5} : tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<3xf32>) {
  // expected-error @+1 {{nn.instance_norm: expected a weight and a bias, got 3 parameters (C3)}}
  %y:3 = nn.instance_norm %x, %w, %w, %w {eps = 1.0e-5} : tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.group_norm: eps must not be negative, got -1.000000 (C4)}}
  %y = nn.group_norm %x {groups = 3 : i64, eps = -1.0} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.group_norm: 2 groups do not divide the channels of 'tensor<2x3xf32>' (C5)}}
  %y = nn.group_norm %x {groups = 2 : i64, eps = 1.0e-5} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.layer_norm: axis 2 does not exist in 'tensor<2x3xf32>' (C1)}}
  %y = nn.layer_norm %x {axis = 2 : i64, eps = 1.0e-5} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<2xf32>) {
  // expected-error @+1 {{nn.rms_norm: expected parameters of 'tensor<3xf32>' for 'tensor<2x3xf32>', got 'tensor<2xf32>' (C2)}}
  %y = nn.rms_norm %x, %w {axis = 1 : i64, eps = 1.0e-5} : tensor<2x3xf32>, tensor<2xf32>
  return
}
