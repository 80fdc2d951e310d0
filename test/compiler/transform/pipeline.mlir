// From a captured training step to prim: nothing of nn, no request, no marker.
// RUN: tenon-opt %s --prim-pipeline | FileCheck %s
// RUN: tenon-opt %s --prim-pipeline | FileCheck %s --check-prefix=NOT --implicit-check-not=nn. --implicit-check-not=prim.gradient --implicit-check-not=prim.foreach --implicit-check-not=prim.stop_gradient

// NOT: func.func @train_step
prim.state @"fc.weight" : tensor<3x4xf32>
prim.state @lr : tensor<f32> = dense<0.1> : tensor<f32>

// CHECK-LABEL: @train_step
// CHECK: %[[W:.*]] = prim.read @fc.weight
// CHECK: %[[LR:.*]] = prim.read @lr
// CHECK: prim.contract %arg0, %[[W]]
// CHECK: prim.check %{{.*}}, "cross_entropy: a label is not in [0, 3)"
// CHECK: %[[DW:.*]] = prim.contract %{{.*}}, %arg0
// CHECK: %[[L:.*]] = prim.broadcast %[[LR]]
// CHECK: %[[D:.*]] = prim.mul %[[L]], %[[DW]]
// CHECK: %[[N:.*]] = prim.sub %[[W]], %[[D]]
// CHECK: prim.write @fc.weight, %[[N]]
func.func @train_step(%x: tensor<2x4xf32>, %t: tensor<2xi64>) -> tensor<f32> {
  %w = prim.read @"fc.weight" : tensor<3x4xf32>
  %lr = prim.read @lr : tensor<f32>
  %y = nn.linear %x, %w : tensor<2x4xf32>, tensor<3x4xf32>
  %loss = nn.cross_entropy mean %y, %t : tensor<2x3xf32>, tensor<2xi64>
  %g = prim.gradient %loss wrt(%w) : tensor<f32> wrt tensor<3x4xf32>
  %n = prim.foreach shared(%lr : tensor<f32>) lists(%w, %g : tensor<3x4xf32>, tensor<3x4xf32>) count(1) {
  ^bb0(%r: tensor<f32>, %p: tensor<f32>, %d: tensor<f32>):
    %s = prim.mul %r, %d : tensor<f32>
    %q = prim.sub %p, %s : tensor<f32>
    prim.yield %q : tensor<f32>
  } -> tensor<3x4xf32>
  prim.write @"fc.weight", %n : tensor<3x4xf32>
  return %loss : tensor<f32>
}
