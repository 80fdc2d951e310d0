// A training step as commands over one arena: which kernels run at once, where tensors live, when labels are checked, what is written in place.
// RUN: tenonc %s --target=haswell --emit=plan | FileCheck %s
// RUN: tenonc %s --target=cuda --emit=plan | FileCheck %s --check-prefix=GPU
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so
// RUN: tenon-run %t.so | FileCheck %s --check-prefix=SAYS

prim.state @"fc1.weight" : tensor<128x784xf32>
prim.state @"fc1.bias" : tensor<128xf32>
prim.state @"fc2.weight" : tensor<10x128xf32>
prim.state @"fc2.bias" : tensor<10xf32>
prim.state @lr : tensor<f32>

// CHECK: state 0 "fc1.weight" tensor<128x784xf32>
// CHECK: function "train_step" kernels 5 launches 3 arena {{[0-9]+}}
// CHECK-NEXT: input "x" tensor<64x784xf32>
// CHECK-NEXT: input "y" tensor<64xi64>
// CHECK-NEXT: output "loss" tensor<f32>
// CHECK-NEXT: launch
// CHECK-NEXT: k0 blocks {{[0-9]+}} (input 0, state 0, state 1, arena
// CHECK: launch
// CHECK: check 64 bytes (arena+{{[0-9]+}}) "cross_entropy: a label is not in [0, 10)"
// CHECK-NEXT: launch
// CHECK-NOT: copy

// GPU: function "train_step" kernels 3 launches 3
// GPU: check 64 bytes

// SAYS: train_step(x float32[64,784], y int64[64]) -> (loss float32[])
func.func @train_step(%x: tensor<64x784xf32> {tenon.name = "x"}, %y: tensor<64xi64> {tenon.name = "y"}) -> (tensor<f32> {tenon.name = "loss"}) {
  %w1 = prim.read @"fc1.weight" : tensor<128x784xf32>
  %b1 = prim.read @"fc1.bias" : tensor<128xf32>
  %w2 = prim.read @"fc2.weight" : tensor<10x128xf32>
  %b2 = prim.read @"fc2.bias" : tensor<10xf32>
  %lr = prim.read @lr : tensor<f32>
  %z = nn.linear %x, %w1, %b1 : tensor<64x784xf32>, tensor<128x784xf32>, tensor<128xf32>
  %h = nn.relu %z : tensor<64x128xf32>
  %s = nn.linear %h, %w2, %b2 : tensor<64x128xf32>, tensor<10x128xf32>, tensor<10xf32>
  %loss = nn.cross_entropy mean %s, %y : tensor<64x10xf32>, tensor<64xi64>
  %g:4 = prim.gradient %loss wrt(%w1, %b1, %w2, %b2) : tensor<f32> wrt tensor<128x784xf32>, tensor<128xf32>, tensor<10x128xf32>, tensor<10xf32>
  %n:4 = prim.foreach shared(%lr : tensor<f32>) lists(%w1, %b1, %w2, %b2, %g#0, %g#1, %g#2, %g#3 : tensor<128x784xf32>, tensor<128xf32>, tensor<10x128xf32>, tensor<10xf32>, tensor<128x784xf32>, tensor<128xf32>, tensor<10x128xf32>, tensor<10xf32>) count(4) {
  ^bb0(%r: tensor<f32>, %p: tensor<f32>, %d: tensor<f32>):
    %m = prim.mul %r, %d : tensor<f32>
    %q = prim.sub %p, %m : tensor<f32>
    prim.yield %q : tensor<f32>
  } -> tensor<128x784xf32>, tensor<128xf32>, tensor<10x128xf32>, tensor<10xf32>
  prim.write @"fc1.weight", %n#0 : tensor<128x784xf32>
  prim.write @"fc1.bias", %n#1 : tensor<128xf32>
  prim.write @"fc2.weight", %n#2 : tensor<10x128xf32>
  prim.write @"fc2.bias", %n#3 : tensor<10xf32>
  return %loss : tensor<f32>
}
