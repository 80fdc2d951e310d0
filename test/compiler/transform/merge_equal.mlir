// Equal ops are one before they are differentiated; so are numbers saved of equal computations, and what was computed from them.
// RUN: tenon-opt %s --merge-equal | FileCheck %s

// CHECK-LABEL: @saved(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3xf32>, %[[A:[a-z0-9]+]]: tensor<3xf32>, %{{[a-z0-9]+}}: tensor<3xf32>, %[[C:[a-z0-9]+]]: tensor<3xf32>
// CHECK-NEXT: %[[T:.*]] = prim.tanh %[[X]]
// CHECK-NEXT: %[[S:.*]] = prim.saved %[[T]], %[[A]]
// CHECK-NEXT: %[[E:.*]] = prim.exp %[[S]]
// CHECK-NEXT: %[[U:.*]] = prim.saved %[[E]], %[[C]]
// CHECK-NEXT: return %[[U]], %[[U]]
func.func @saved(%x: tensor<3xf32>, %a: tensor<3xf32>, %b: tensor<3xf32>, %c: tensor<3xf32>, %d: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = prim.tanh %x : tensor<3xf32>
  %1 = prim.saved %0, %a : tensor<3xf32>
  %2 = prim.tanh %x : tensor<3xf32>
  %3 = prim.saved %2, %b : tensor<3xf32>
  %4 = prim.exp %1 : tensor<3xf32>
  %5 = prim.saved %4, %c : tensor<3xf32>
  %6 = prim.exp %3 : tensor<3xf32>
  %7 = prim.saved %6, %d : tensor<3xf32>
  return %5, %7 : tensor<3xf32>, tensor<3xf32>
}
