// RUN: tenonc --target=x86-64 --emit=traffic %s | FileCheck %s
// RUN: tenonc --target=cuda --emit=traffic %s | FileCheck %s
// Bytes that a step moves: the state is read and overwritten (4 MB each way), the input is read by two kernels, since the sum is known when it has been read once; the
// least is each of them once. Nothing but the sum is kept in between.
prim.state @w : tensor<1048576xf32>

// CHECK: traffic of "f"
// CHECK-NEXT: kernels read {{ *}}12.58{{[0-9]}} MB
// CHECK-NEXT: kernels write {{ *}}4.1{{[0-9]+}} MB
// CHECK-NEXT: least {{ *}}12.58{{[0-9]}} MB
// CHECK-NEXT: inputs {{ *}}4.194 MB
// CHECK-NEXT: outputs {{ *}}0.000 MB
// CHECK-NEXT: state read {{ *}}4.194 MB
// CHECK-NEXT: state written {{ *}}4.194 MB
// CHECK-NEXT: saved, twice {{ *}}0.00{{[0-9]}} MB
// CHECK-NEXT: ratio {{ *}}1.33
// CHECK-NEXT: {{ *}}12.58{{[0-9]}} MB in 1 call of k{{.*}}: map[1048576]
func.func @f(%x: tensor<1048576xf32>) attributes {tenon.function = "f"} {
  %w = prim.read @w : tensor<1048576xf32>
  %s = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<1048576xf32>
  %b = prim.broadcast %s {dimensions = array<i64>} : tensor<f32> to tensor<1048576xf32>
  %d = prim.div %x, %b : tensor<1048576xf32>
  %n = prim.sub %w, %d : tensor<1048576xf32>
  prim.write @w, %n : tensor<1048576xf32>
  return
}
