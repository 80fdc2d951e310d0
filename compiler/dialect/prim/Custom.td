// prim: derivatives that the user says, and values that are computed again for theirs, where no request can be cut in two: in bodies of loops and branches.
#ifndef TENON_PRIM_CUSTOM_TD
#define TENON_PRIM_CUSTOM_TD

def Prim_CustomGradientOp : Prim_Control<"custom_gradient", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<DecomposableOpInterface>]> {
  let summary = "Values with a derivative of the user: autograd::Function and hooks inside a loop or branch";
  let description = [{
    The results are `values`. A gradient does not flow to these but to `inputs`, as the body says: of a cotangent per result, then the results, then the captured values it yields
    a cotangent per input. A result that no cotangent comes to has one of zeros. The body is differentiable itself.
    C1: there is at least one value; result types are those of `values`. C2: the body takes cotangents of the results, the results, and the captured values.
    C3: the body yields one value per input, of its type. C4: it neither reads nor writes state.

    Example:
    ```
    %y = prim.custom_gradient values(%v : tensor<3xf32>) inputs(%x : tensor<3xf32>) captured(%k : tensor<3xf32>) {
    ^bb0(%dy: tensor<3xf32>, %result: tensor<3xf32>, %scale: tensor<3xf32>):
      %dx = prim.mul %dy, %scale : tensor<3xf32>
      prim.yield %dx : tensor<3xf32>
    } -> tensor<3xf32>
    ```
  }];
  let inputs = (ins Variadic<FloatTensor>:$values, Variadic<FloatTensor>:$inputs, Variadic<TenonTensor>:$captured);
  let results = (outs Variadic<FloatTensor>:$made);
  let regions = (region SizedRegion<1>:$backward);
  let assemblyFormat = "`values` `(` $values `:` type($values) `)` (`inputs` `(` $inputs^ `:` type($inputs) `)`)? (`captured` `(` $captured^ `:` type($captured) `)`)? $backward `->` type($made) attr-dict";
  let samples = [
    // The cube of x with its true derivative; the exponential, whose derivative is its result.
    "func.func @f(%x: tensor<3xT>) -> tensor<3xT> { %s = prim.mul %x, %x : tensor<3xT>\n%c = prim.mul %s, %x : tensor<3xT>\n%y = prim.custom_gradient values(%c : tensor<3xT>) inputs(%x : tensor<3xT>) captured(%s : tensor<3xT>) {\n^bb0(%dy: tensor<3xT>, %r: tensor<3xT>, %q: tensor<3xT>):\n%t = prim.constant dense<3.0> : tensor<3xT>\n%d = prim.mul %t, %q : tensor<3xT>\n%dx = prim.mul %dy, %d : tensor<3xT>\nprim.yield %dx : tensor<3xT>\n} -> tensor<3xT> return %y : tensor<3xT> }",
    "func.func @f(%x: tensor<4x3xT>) -> tensor<3xT> { %i = prim.constant dense<0.5> : tensor<3xT>\n%l = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<4x3xT>) length(4) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>):\n%e = prim.exp %s : tensor<3xT>\n%y = prim.custom_gradient values(%e : tensor<3xT>) inputs(%s : tensor<3xT>) {\n^bb0(%dy: tensor<3xT>, %r: tensor<3xT>):\n%dx = prim.mul %dy, %r : tensor<3xT>\nprim.yield %dx : tensor<3xT>\n} -> tensor<3xT>\n%n = prim.mul %h, %y : tensor<3xT>\n%m = prim.sin %n : tensor<3xT>\nprim.yield %m : tensor<3xT>\n} -> tensor<3xT> return %l : tensor<3xT> }"];
}

def Prim_CheckpointOp : Prim_Control<"checkpoint", [DeclareOpInterfaceMethods<DecomposableOpInterface>]> {
  let summary = "What a body computes, computed once more for its derivative: checkpoint inside a loop or branch";
  let description = [{
    The body gets the captured values and yields the results. Its derivative keeps nothing of it but the captured values and computes it again.
    C1: the body takes the captured values. C2: it yields the results. C3: it neither reads nor writes state.

    Example:
    ```
    %y = prim.checkpoint captured(%x : tensor<3xf32>) {
    ^bb0(%v: tensor<3xf32>):
      %t = prim.tanh %v : tensor<3xf32>
      %e = prim.exp %t : tensor<3xf32>
      prim.yield %e : tensor<3xf32>
    } -> tensor<3xf32>
    ```
  }];
  let inputs = (ins Variadic<TenonTensor>:$captured);
  let results = (outs Variadic<TenonTensor>:$values);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`captured` `(` $captured^ `:` type($captured) `)`)? $body (`->` type($values)^)? attr-dict";
  let samples = [
    "func.func @f(%x: tensor<3xT>, %w: tensor<3xT>) -> tensor<3xT> { %y = prim.checkpoint captured(%x, %w : tensor<3xT>, tensor<3xT>) {\n^bb0(%v: tensor<3xT>, %k: tensor<3xT>):\n%t = prim.tanh %v : tensor<3xT>\n%e = prim.mul %t, %k : tensor<3xT>\nprim.yield %e : tensor<3xT>\n} -> tensor<3xT> return %y : tensor<3xT> }",
    "func.func @f(%i: tensor<3xT>, %x: tensor<4x3xT>) -> tensor<4x3xT> { %l, %o = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<4x3xT>) length(4) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>):\n%n, %m = prim.checkpoint captured(%h, %s : tensor<3xT>, tensor<3xT>) {\n^bb0(%v: tensor<3xT>, %k: tensor<3xT>):\n%t = prim.tanh %v : tensor<3xT>\n%e = prim.mul %t, %k : tensor<3xT>\n%d = prim.sin %e : tensor<3xT>\nprim.yield %d, %t : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<3xT>\n%p = prim.mul %n, %m : tensor<3xT>\nprim.yield %p, %n : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<4x3xT> return %o : tensor<4x3xT> }"];
}
#endif
