// Batch norm becomes part of the layer before it: on request, where nothing changes its numbers.
// RUN: tenonc %s --emit=onnx --function=f -o %t.onnx
// RUN: tenonc %t.onnx --emit=captured | FileCheck %s --check-prefix=APART
// RUN: tenonc %s --emit=onnx --function=f --fold-batch-norm -o %t.onnx
// RUN: tenonc %t.onnx --emit=captured | FileCheck %s

// APART: batch_norm
// CHECK-NOT: batch_norm
// CHECK: dense<0.0883881
// CHECK-NOT: batch_norm

prim.state @w : tensor<4x3xf32> = dense<0.5> : tensor<4x3xf32>
prim.state @b : tensor<4xf32> = dense<0.25> : tensor<4xf32>
prim.state @m : tensor<4xf32> = dense<1.0> : tensor<4xf32>
prim.state @v : tensor<4xf32> = dense<2.0> : tensor<4xf32>
func.func @f(%x: tensor<2x3xf32> {tenon.name = "x"}) -> tensor<2x4xf32> attributes {tenon.function = "f"} {
  %w = prim.read @w : tensor<4x3xf32>
  %b = prim.read @b : tensor<4xf32>
  %m = prim.read @m : tensor<4xf32>
  %v = prim.read @v : tensor<4xf32>
  %0 = nn.linear %x, %w, %b : tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>
  %1 = nn.batch_norm %0, %m, %v, %b, %b {eps = 1.0e-5} : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return %1 : tensor<2x4xf32>
}
