// A loop is its body's commands: slices move through their stacks; a carry is updated in place, lives in the stack of its values or has two places in turn.
// Nothing is copied from step to step. Compiled code against the evaluator.
// RUN: tenonc %s --target=haswell --emit=plan | FileCheck %s
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so

// CHECK-LABEL: function "rnn"
// CHECK: loop passes 2 commands 4 of 2 turns (output 0 <-> [[A:arena\+[0-9]+]])
// CHECK-NEXT: launch
// CHECK-NEXT: (output 0, input 2, input 1 move0 48, [[A]])
// CHECK-NEXT: copy 24 bytes (output 1 move0 48, output 0)
// CHECK-NEXT: launch
// CHECK-NEXT: ([[A]], input 2, input 1+24 move0 48, output 0)
func.func @rnn(%i: tensor<2x3xf32>, %x: tensor<4x2x3xf32>, %w: tensor<3x3xf32>) -> (tensor<2x3xf32>, tensor<4x2x3xf32>) {
  %c, %y = prim.scan inits(%i : tensor<2x3xf32>) xs(%x : tensor<4x2x3xf32>) captured(%w : tensor<3x3xf32>) length(4) {
  ^bb0(%h: tensor<2x3xf32>, %s: tensor<2x3xf32>, %k: tensor<3x3xf32>):
    %p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x3xf32>, tensor<3x3xf32>
    %q = prim.add %p, %s : tensor<2x3xf32>
    %n = prim.tanh %q : tensor<2x3xf32>
    prim.yield %n, %h : tensor<2x3xf32>, tensor<2x3xf32>
  } -> tensor<2x3xf32>, tensor<4x2x3xf32>
  return %c, %y : tensor<2x3xf32>, tensor<4x2x3xf32>
}

// Carries that change places; the last slice first.
// CHECK-LABEL: function "swap"
// CHECK: loop passes 2 commands 6 of 2 turns
// CHECK: input 2+48 move0 -24
// CHECK: input 2+36 move0 -24
// CHECK: loop passes 1 commands 3
// CHECK: input 2 move0 -12
func.func @swap(%a: tensor<3xf32>, %b: tensor<3xf32>, %x: tensor<5x3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<5x3xf32>) {
  %c, %d, %y = prim.scan inits(%a, %b : tensor<3xf32>, tensor<3xf32>) xs(%x : tensor<5x3xf32>) length(5) reverse {
  ^bb0(%h: tensor<3xf32>, %g: tensor<3xf32>, %s: tensor<3xf32>):
    %m = prim.mul %h, %s : tensor<3xf32>
    prim.yield %g, %h, %m : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>, tensor<5x3xf32>
  return %c, %d, %y : tensor<3xf32>, tensor<3xf32>, tensor<5x3xf32>
}

// CHECK-LABEL: function "nested"
// CHECK: loop passes 1 commands 8 of 2 turns
// CHECK: loop passes 4 commands
// CHECK: input 1 move0 96 move1 12
// CHECK: loop passes 4 commands
// CHECK: input 1+48 move0 96 move1 12
func.func @nested(%a: tensor<3xf32>, %x: tensor<2x4x3xf32>) -> (tensor<3xf32>, tensor<2x4x3xf32>) {
  %c, %y = prim.scan inits(%a : tensor<3xf32>) xs(%x : tensor<2x4x3xf32>) length(2) {
  ^bb0(%h: tensor<3xf32>, %r: tensor<4x3xf32>):
    %d, %z = prim.scan inits(%h : tensor<3xf32>) xs(%r : tensor<4x3xf32>) captured(%h : tensor<3xf32>) length(4) {
    ^bb0(%g: tensor<3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>):
      %m = prim.mul %g, %s : tensor<3xf32>
      %n = prim.add %m, %o : tensor<3xf32>
      prim.yield %n, %n : tensor<3xf32>, tensor<3xf32>
    } -> tensor<3xf32>, tensor<4x3xf32>
    prim.yield %d, %z : tensor<3xf32>, tensor<4x3xf32>
  } -> tensor<3xf32>, tensor<2x4x3xf32>
  return %c, %y : tensor<3xf32>, tensor<2x4x3xf32>
}

// CHECK-LABEL: function "until"
// CHECK: loop ({{.*}}) passes 9223372036854775807 commands
func.func @until(%i: tensor<3xf32>) -> (tensor<3xf32>, tensor<i64>) {
  %z = prim.constant dense<0> : tensor<i64>
  %y, %n = prim.while inits(%i, %z : tensor<3xf32>, tensor<i64>) {
  ^bb0(%h: tensor<3xf32>, %t: tensor<i64>):
    %l = prim.constant dense<7> : tensor<i64>
    %m = prim.compare lt %t, %l : tensor<i64>
    prim.yield %m : tensor<i1>
  } do {
  ^bb0(%h: tensor<3xf32>, %t: tensor<i64>):
    %o = prim.constant dense<1> : tensor<i64>
    %u = prim.add %t, %o : tensor<i64>
    %v = prim.add %h, %h : tensor<3xf32>
    prim.yield %v, %u : tensor<3xf32>, tensor<i64>
  } -> tensor<3xf32>, tensor<i64>
  return %y, %n : tensor<3xf32>, tensor<i64>
}

// CHECK-LABEL: function "either"
// CHECK: branch ({{.*}}) then {{[0-9]+}} else {{[0-9]+}} commands
func.func @either(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %y = prim.scan xs(%x : tensor<4x3xf32>) length(4) {
  ^bb0(%s: tensor<3xf32>):
    %l = prim.reduce_sum %s {dimensions = array<i64: 0>} : tensor<3xf32>
    %z = prim.constant dense<0.0> : tensor<f32>
    %p = prim.compare lt %l, %z : tensor<f32>
    %v = prim.if %p captured(%s : tensor<3xf32>) {
    ^bb0(%a: tensor<3xf32>):
      prim.yield %a : tensor<3xf32>
    } else {
    ^bb0(%a: tensor<3xf32>):
      %n = prim.exp %a : tensor<3xf32>
      prim.yield %n : tensor<3xf32>
    } -> tensor<3xf32>
    prim.yield %v : tensor<3xf32>
  } -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// A check inside a loop is made after it, and before any state is written.
// CHECK-LABEL: function "checked"
// CHECK: loop passes 4
// CHECK: check 12 bytes {{.*}} "negative"
// CHECK: state 0
prim.state @w : tensor<3xf32>
func.func @checked(%x: tensor<4x3xf32>) {
  %w = prim.read @w : tensor<3xf32>
  %c = prim.scan inits(%w : tensor<3xf32>) xs(%x : tensor<4x3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>):
    %ok = prim.compare eq %s, %s : tensor<3xf32>
    prim.check %ok, "negative" : tensor<3xi1>
    %n = prim.add %h, %s : tensor<3xf32>
    prim.yield %n : tensor<3xf32>
  } -> tensor<3xf32>
  prim.write @w, %c : tensor<3xf32>
  return
}

// A carry that is contracted with itself over several tiles is not overwritten while it is read.
// CHECK-LABEL: function "wide"
// CHECK: copy 2592 bytes ([[A:arena\+[0-9]+]], input 0)
// CHECK-NEXT: loop passes 1 commands 2 of 2 turns ([[A]] <-> output 0)
// CHECK-NEXT: launch
// CHECK-NEXT: ([[A]], input 1, output 0
// CHECK-NEXT: launch
// CHECK-NEXT: (output 0, input 1, [[A]]
// CHECK-NEXT: loop passes 1 commands 1 ([[A]] <-> output 0)
// CHECK-NEXT: launch
// CHECK-NEXT: ([[A]], input 1, output 0
// CHECK-NOT: copy
func.func @wide(%i: tensor<9x72xf32>, %w: tensor<72x72xf32>) -> tensor<9x72xf32> {
  %c = prim.scan inits(%i : tensor<9x72xf32>) captured(%w : tensor<72x72xf32>) length(3) {
  ^bb0(%h: tensor<9x72xf32>, %k: tensor<72x72xf32>):
    %p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<9x72xf32>, tensor<72x72xf32>
    %q = prim.add %p, %h : tensor<9x72xf32>
    %n = prim.tanh %q : tensor<9x72xf32>
    prim.yield %n : tensor<9x72xf32>
  } -> tensor<9x72xf32>
  return %c : tensor<9x72xf32>
}

// All values of a carry are kept: those that steps find (%h) and those that they leave (%n) are one trail, in which each step's carry lies behind that of the step before.
// CHECK-LABEL: function "trail"
// CHECK: copy 24 bytes (arena+[[A:[0-9]+]], input 0)
// CHECK-NEXT: loop passes 5 commands 1 (arena+[[A]] move0 24 -> arena+[[B:[0-9]+]] move0 24)
// CHECK-NEXT: launch
// CHECK-NEXT: arena+[[A]] move0 24{{.*}}, arena+[[B]] move0 24
// CHECK-NEXT: copy 24 bytes (output 0, arena
// CHECK-NEXT: launch
// CHECK-NEXT: (arena+[[B]], arena+[[A]], output 1)
func.func @trail(%i: tensor<2x3xf32>, %x: tensor<5x2x3xf32>, %w: tensor<3x3xf32>) -> (tensor<2x3xf32>, tensor<5x2x3xf32>) {
  %c, %y, %z = prim.scan inits(%i : tensor<2x3xf32>) xs(%x : tensor<5x2x3xf32>) captured(%w : tensor<3x3xf32>) length(5) {
  ^bb0(%h: tensor<2x3xf32>, %s: tensor<2x3xf32>, %k: tensor<3x3xf32>):
    %p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x3xf32>, tensor<3x3xf32>
    %q = prim.add %p, %s : tensor<2x3xf32>
    %n = prim.tanh %q : tensor<2x3xf32>
    prim.yield %n, %n, %h : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  } -> tensor<2x3xf32>, tensor<5x2x3xf32>, tensor<5x2x3xf32>
  %m = prim.mul %y, %z : tensor<5x2x3xf32>
  return %c, %m : tensor<2x3xf32>, tensor<5x2x3xf32>
}

// The other way the first carry is the last of the trail.
// CHECK-LABEL: function "trail_back"
// CHECK: copy 12 bytes (arena+[[I:[0-9]+]], input 0)
// CHECK-NEXT: loop passes 5 commands 1 (arena+[[I]] move0 -12 -> arena+{{[0-9]+}} move0 -12)
// CHECK: copy 12 bytes (output 0, arena
// CHECK-NOT: copy
func.func @trail_back(%i: tensor<3xf32>, %x: tensor<5x3xf32>) -> (tensor<3xf32>, tensor<5x3xf32>) {
  %c, %y, %z = prim.scan inits(%i : tensor<3xf32>) xs(%x : tensor<5x3xf32>) length(5) reverse {
  ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>):
    %n = prim.mul %h, %s : tensor<3xf32>
    prim.yield %n, %n, %h : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<5x3xf32>, tensor<5x3xf32>
  %m = prim.sub %y, %z : tensor<5x3xf32>
  return %c, %m : tensor<3xf32>, tensor<5x3xf32>
}

// Loops in loops: trails and exchanged places of both; an even and an odd number of passes.
// CHECK-LABEL: function "deep"
// CHECK: loop passes 6 commands
// CHECK: loop passes 2 commands 2 of 2 turns (arena+{{[0-9]+}} move1 -5184 -> {{.*}}) (arena+{{[0-9]+}} <-> arena+{{[0-9]+}})
// CHECK: loop passes 1 commands 1
func.func @deep(%i: tensor<9x72xf32>, %x: tensor<6x5x72xf32>, %w: tensor<72x72xf32>) -> (tensor<9x72xf32>, tensor<6x5x9x72xf32>) {
  %c, %y = prim.scan inits(%i : tensor<9x72xf32>) xs(%x : tensor<6x5x72xf32>) captured(%w : tensor<72x72xf32>) length(6) {
  ^bb0(%h: tensor<9x72xf32>, %r: tensor<5x72xf32>, %k: tensor<72x72xf32>):
    %d, %e, %z = prim.scan inits(%h, %h : tensor<9x72xf32>, tensor<9x72xf32>) xs(%r : tensor<5x72xf32>) captured(%k : tensor<72x72xf32>) length(5) reverse {
    ^bb0(%g: tensor<9x72xf32>, %f: tensor<9x72xf32>, %s: tensor<72xf32>, %l: tensor<72x72xf32>):
      %p = prim.contract %g, %l {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<9x72xf32>, tensor<72x72xf32>
      %q = prim.contract %f, %l {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (o, k)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<9x72xf32>, tensor<72x72xf32>
      %sb = prim.broadcast %s {dimensions = array<i64: 1>} : tensor<72xf32> to tensor<9x72xf32>
      %a = prim.add %p, %sb : tensor<9x72xf32>
      %n = prim.tanh %a : tensor<9x72xf32>
      %o = prim.tanh %q : tensor<9x72xf32>
      prim.yield %n, %o, %g : tensor<9x72xf32>, tensor<9x72xf32>, tensor<9x72xf32>
    } -> tensor<9x72xf32>, tensor<9x72xf32>, tensor<5x9x72xf32>
    %u = prim.add %d, %e : tensor<9x72xf32>
    %v = prim.sin %z : tensor<5x9x72xf32>
    prim.yield %u, %v : tensor<9x72xf32>, tensor<5x9x72xf32>
  } -> tensor<9x72xf32>, tensor<6x5x9x72xf32>
  return %c, %y : tensor<9x72xf32>, tensor<6x5x9x72xf32>
}

// A training step over a recurrent loop: gradients of what is captured leave the backward loop.
// CHECK-LABEL: function "train"
// CHECK: loop passes 5 commands 1 (arena+[[A:[0-9]+]] move0 96 -> arena+{{[0-9]+}} move0 96)
// CHECK: loop passes 2 commands 2 of 2 turns
prim.state @tw : tensor<4x8xf32> = dense<0.05> : tensor<4x8xf32>
prim.state @tb : tensor<8xf32>
func.func @train(%x: tensor<5x3x4xf32>, %u: tensor<8x8xf32>) -> (tensor<f32>, tensor<8x8xf32>) {
  %w = prim.read @tw : tensor<4x8xf32>
  %b = prim.read @tb : tensor<8xf32>
  %z = prim.constant dense<0.0> : tensor<3x8xf32>
  %c, %y = prim.scan inits(%z : tensor<3x8xf32>) xs(%x : tensor<5x3x4xf32>) captured(%w, %u, %b : tensor<4x8xf32>, tensor<8x8xf32>, tensor<8xf32>) length(5) {
  ^bb0(%h: tensor<3x8xf32>, %s: tensor<3x4xf32>, %k: tensor<4x8xf32>, %r: tensor<8x8xf32>, %bi: tensor<8xf32>):
    %p = prim.contract %s, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<3x4xf32>, tensor<4x8xf32>
    %q = prim.contract %h, %r {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<3x8xf32>, tensor<8x8xf32>
    %bb = prim.broadcast %bi {dimensions = array<i64: 1>} : tensor<8xf32> to tensor<3x8xf32>
    %a = prim.add %p, %q : tensor<3x8xf32>
    %d = prim.add %a, %bb : tensor<3x8xf32>
    %n = prim.tanh %d : tensor<3x8xf32>
    prim.yield %n, %n : tensor<3x8xf32>, tensor<3x8xf32>
  } -> tensor<3x8xf32>, tensor<5x3x8xf32>
  %sq = prim.mul %y, %y : tensor<5x3x8xf32>
  %l = prim.reduce_sum %sq {dimensions = array<i64: 0, 1, 2>} : tensor<5x3x8xf32>
  %dw, %du, %db = prim.gradient %l wrt(%w, %u, %b) : tensor<f32> wrt tensor<4x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %wn = prim.sub %w, %dw : tensor<4x8xf32>
  %bn = prim.sub %b, %db : tensor<8xf32>
  prim.write @tw, %wn : tensor<4x8xf32>
  prim.write @tb, %bn : tensor<8xf32>
  return %l, %du : tensor<f32>, tensor<8x8xf32>
}

// A carry that stays as it came, and that another carry takes.
func.func @taken(%a: tensor<3xf32>, %b: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c, %d = prim.scan inits(%a, %b : tensor<3xf32>, tensor<3xf32>) length(2) {
  ^bb0(%1: tensor<3xf32>, %2: tensor<3xf32>):
    prim.yield %2, %2 : tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>
  return %c, %d : tensor<3xf32>, tensor<3xf32>
}
