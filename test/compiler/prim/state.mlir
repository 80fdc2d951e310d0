// State: forms, and that a failed check leaves it alone.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// CHECK: prim.state @fc1.weight : tensor<2xf32> = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
prim.state @"fc1.weight" : tensor<2xf32> = dense<[1.0, 2.0]> : tensor<2xf32>
// CHECK: prim.state @decoder.weight : tensor<2xf32> alias @fc1.weight
prim.state @"decoder.weight" : tensor<2xf32> alias @"fc1.weight"
// CHECK: prim.state @optimizer.step : tensor<i64>
prim.state @"optimizer.step" : tensor<i64>

// VALUE: step: dense<[2.000000e+00, 4.000000e+00]>
// VALUE: step leaves fc1.weight: dense<[2.000000e+00, 4.000000e+00]>
// VALUE: step leaves optimizer.step: dense<1>
func.func @step() -> tensor<2xf32> {
  // CHECK: prim.read @decoder.weight : tensor<2xf32>
  %w = prim.read @"decoder.weight" : tensor<2xf32>
  %v = prim.add %w, %w : tensor<2xf32>
  // CHECK: prim.write @fc1.weight, %{{.*}} : tensor<2xf32>
  prim.write @"fc1.weight", %v : tensor<2xf32>
  %t = prim.read @"optimizer.step" : tensor<i64>
  %one = prim.constant dense<1> : tensor<i64>
  %n = prim.add %t, %one : tensor<i64>
  prim.write @"optimizer.step", %n : tensor<i64>
  %r = prim.read @"decoder.weight" : tensor<2xf32>
  return %r : tensor<2xf32>
}

// VALUE: bad fails: a weight is negative ({{.*}}state.mlir:[[#@LINE+7]])
// VALUE-NOT: bad leaves
func.func @bad() {
  %v = prim.constant dense<[-1.0, 0.0]> : tensor<2xf32>
  %zero = prim.constant dense<0.0> : tensor<2xf32>
  prim.write @"fc1.weight", %v : tensor<2xf32>
  %ok = prim.compare ge %v, %zero : tensor<2xf32>
  prim.check %ok, "a weight is negative" : tensor<2xi1>
  return
}
