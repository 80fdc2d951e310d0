// State that is read becomes an argument, state that is written a result, a check a result with its message; tied weights are their owner's entry.
// RUN: tenon-opt %s --state-to-arguments | FileCheck %s

prim.state @w : tensor<4xf32>
prim.state @tied : tensor<4xf32> alias @w
prim.state @count : tensor<i64>

// CHECK-LABEL: func.func @step
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32> {tenon.name = "x"}, %[[W:.*]]: tensor<4xf32> {tenon.state = @w})
// CHECK-SAME: -> (tensor<4xf32> {tenon.name = "y"}, tensor<4xf32> {tenon.updates = 1 : i64}, tensor<4xi1> {tenon.check = "x is negative"
func.func @step(%x: tensor<4xf32> {tenon.name = "x"}) -> (tensor<4xf32> {tenon.name = "y"}) {
  %w = prim.read @tied : tensor<4xf32>
  %ok = prim.compare ge %x, %w : tensor<4xf32>
  prim.check %ok, "x is negative" : tensor<4xi1>
  // CHECK: %[[N:.*]] = prim.add %[[W]], %[[X]]
  %n = prim.add %w, %x : tensor<4xf32>
  prim.write @w, %n : tensor<4xf32>
  // CHECK: %[[Y:.*]] = prim.mul %[[N]], %[[X]]
  %m = prim.read @w : tensor<4xf32>
  %y = prim.mul %m, %x : tensor<4xf32>
  // CHECK: return %[[Y]], %[[N]], %{{.*}} :
  return %y : tensor<4xf32>
}
