// Moments of 10000 draws: what is printed is whether each is within five standard errors.
// RUN: tenon-opt %s --evaluate | FileCheck %s

#dot = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> ()>]

// Mean 1/2 (deviation of the mean 0.0029), mean square 1/3; all in [0, 1).
// CHECK: uniform: dense<true>
// CHECK: uniform: dense<true>
// CHECK: uniform: dense<true>
func.func @uniform() -> (tensor<i1>, tensor<i1>, tensor<i1>) {
  %seed = prim.constant dense<1> : tensor<i64>
  %counter = prim.constant dense<123456789> : tensor<i64>
  %x = nn.random_uniform %seed, %counter : tensor<10000xf32>
  %n = prim.constant dense<10000.0> : tensor<f32>
  %sum = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<10000xf32>
  %mean = prim.div %sum, %n : tensor<f32>
  %half = prim.constant dense<0.5> : tensor<f32>
  %e = prim.sub %mean, %half : tensor<f32>
  %a = prim.abs %e : tensor<f32>
  %limit = prim.constant dense<0.0145> : tensor<f32>
  %0 = prim.compare lt %a, %limit : tensor<f32>
  %ss = prim.contract %x, %x {maps = #dot} : tensor<10000xf32>, tensor<10000xf32>
  %ms = prim.div %ss, %n : tensor<f32>
  %third = prim.constant dense<0.33333> : tensor<f32>
  %e2 = prim.sub %ms, %third : tensor<f32>
  %a2 = prim.abs %e2 : tensor<f32>
  %1 = prim.compare lt %a2, %limit : tensor<f32>
  %top = prim.reduce_max %x {dimensions = array<i64: 0>} : tensor<10000xf32>
  %one = prim.constant dense<1.0> : tensor<f32>
  %2 = prim.compare lt %top, %one : tensor<f32>
  return %0, %1, %2 : tensor<i1>, tensor<i1>, tensor<i1>
}

// Mean 0 (deviation of the mean 0.01), mean square 1 (0.014).
// CHECK: normal: dense<true>
// CHECK: normal: dense<true>
func.func @normal() -> (tensor<i1>, tensor<i1>) {
  %seed = prim.constant dense<1> : tensor<i64>
  %counter = prim.constant dense<0> : tensor<i64>
  %x = nn.random_normal %seed, %counter : tensor<10000xf64>
  %n = prim.constant dense<10000.0> : tensor<f64>
  %sum = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<10000xf64>
  %mean = prim.div %sum, %n : tensor<f64>
  %a = prim.abs %mean : tensor<f64>
  %limit = prim.constant dense<0.05> : tensor<f64>
  %0 = prim.compare lt %a, %limit : tensor<f64>
  %ss = prim.contract %x, %x {maps = #dot} : tensor<10000xf64>, tensor<10000xf64>
  %ms = prim.div %ss, %n : tensor<f64>
  %one = prim.constant dense<1.0> : tensor<f64>
  %e = prim.sub %ms, %one : tensor<f64>
  %a2 = prim.abs %e : tensor<f64>
  %limit2 = prim.constant dense<0.07> : tensor<f64>
  %1 = prim.compare lt %a2, %limit2 : tensor<f64>
  return %0, %1 : tensor<i1>, tensor<i1>
}
