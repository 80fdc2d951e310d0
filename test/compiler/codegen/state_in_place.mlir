// New state overwrites the old only where an order exists in which all who need the old value come first.
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so

prim.state @g : tensor<40x8xf32>
prim.state @a : tensor<5x5xf32>
prim.state @b : tensor<5x5xf32>

// A reader of the old value needs the new one.
func.func @new_and_old(%x: tensor<40x8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %old = prim.read @g : tensor<40x8xf32>
  %new = prim.sub %x, %old : tensor<40x8xf32>
  %p = prim.mul %new, %old : tensor<40x8xf32>
  %s = prim.reduce_sum %p {dimensions = array<i64: 0>} : tensor<40x8xf32>
  %t = prim.reduce_sum %new {dimensions = array<i64: 0>} : tensor<40x8xf32>
  prim.write @g, %new : tensor<40x8xf32>
  return %s, %t : tensor<8xf32>, tensor<8xf32>
}

// Each update reads the other's old value, turned.
func.func @each_other(%x: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %a = prim.read @a : tensor<5x5xf32>
  %b = prim.read @b : tensor<5x5xf32>
  %at = prim.transpose %a {permutation = array<i64: 1, 0>} : tensor<5x5xf32>
  %bt = prim.transpose %b {permutation = array<i64: 1, 0>} : tensor<5x5xf32>
  %a1 = prim.sub %bt, %x : tensor<5x5xf32>
  %b1 = prim.add %at, %x : tensor<5x5xf32>
  prim.write @a, %a1 : tensor<5x5xf32>
  prim.write @b, %b1 : tensor<5x5xf32>
  return %at : tensor<5x5xf32>
}
