// prim: what speaks about derivatives, and the elementwise loop over lists of tensors.
#ifndef TENON_PRIM_CONTROL_TD
#define TENON_PRIM_CONTROL_TD

def Prim_StopGradientOp : Prim_LoopNest<"stop_gradient", [OneType<["x", "y"]>]> {
  let onnxForm = "OnnxNames{o(getX())}";
  let summary = "x, through which no derivative flows";
  let description = "C1: operand and result have one type. Once gradients are answered it is x itself.\n\nExample: `%y = prim.stop_gradient %x : tensor<2x3xf32>`";
  let inputs = (ins TenonTensor:$x);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let scalar = "x"; let vjp = NoVjp;
  // Of fixed types: its derivative is not the limit of differences, by its very purpose.
  let samples = ["<{}> : (tensor<2x3xf32>) -> tensor<2x3xf32>", "<{}> : (tensor<2x3xi32>) -> tensor<2x3xi32>"];
}

def Prim_SavedOp : Prim_LoopNest<"saved", [OneType<["computed", "stored", "y"]>]> {
  let onnxForm = "OnnxNames{o(getStored())}";
  let summary = "A value already in memory, whose derivative flows to the computation it came from";
  let description = [{
    The value is `stored`, which is bitwise what `computed` would give. C1: operands and result have one type.
    Once gradients are answered it is `stored` itself, and the computation dies.

    Example: `%y = prim.saved %computed, %stored : tensor<2x3xf32>`
  }];
  let inputs = (ins TenonTensor:$computed, TenonTensor:$stored);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
  let scalar = "stored"; let vjp = "dy, Expr()";
  let samples = ["func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> { %c = prim.tanh %x : tensor<2x3xf32> %y = prim.saved %c, %c : tensor<2x3xf32> return %y : tensor<2x3xf32> }"];
}

def Prim_GradientOp : Prim_Op<"gradient", [Pure, AttrSizedOperandSegments, InferredType]> {
  let onnxForm = "o.refuse(\"a gradient that was not answered yet\")";
  let summary = "A request for the derivative of a loss with respect to values";
  let description = [{
    One result per value of `wrt`, with its type; a value with no path to the loss gives zeros. The values may be intermediate. The pass `differentiate` answers it.
    C1: without a seed the loss has one element. C2: the seed has the loss's type. C3: loss and values are floating-point.

    Example: `%dx, %dw = prim.gradient %loss wrt(%x, %w) : tensor<f32> wrt tensor<2x3xf32>, tensor<3xf32>`
  }];
  let inputs = (ins FloatTensor:$loss, Optional<FloatTensor>:$seed, Variadic<FloatTensor>:$wrt);
  let results = (outs Variadic<FloatTensor>:$gradients);
  let assemblyFormat = "$loss (`seed` $seed^)? `wrt` `(` $wrt `)` attr-dict `:` type($loss) (`seed` type($seed)^)? `wrt` type($wrt)";
  let vjp = NoVjp;
  let samples = ["func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> { %l = prim.reduce_sum %x {dimensions = array<i64: 0, 1>} : tensor<2x3xf32> %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<2x3xf32> return %g : tensor<2x3xf32> }"];
  let hasVerifier = 1;
}

def Prim_YieldOp : Prim_Op<"yield", [Pure, Terminator, ParentOneOf<["ForeachOp", "ScanOp", "WhileOp", "IfOp", "CustomGradientOp", "CheckpointOp"]>]> {
  let summary = "Ends a body with its results";
  let description = "Example: `prim.yield %v : tensor<f32>`";
  let inputs = (ins Variadic<TenonTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let vjp = NoVjp;
  let samples = ["func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> { %y = prim.foreach lists(%x : tensor<2xf32>) count(1) { ^bb0(%e: tensor<f32>): prim.yield %e : tensor<f32> } -> tensor<2xf32> return %y : tensor<2xf32> }"];
}

def Prim_ForeachOp : Tenon_Op<Prim_Dialect, "foreach", [Pure, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock, DeclareOpInterfaceMethods<DecomposableOpInterface>]> {
  let summary = "Applies a body on scalars to every element of every tensor of lists of tensors: an optimizer's update of all parameters";
  let description = [{
    `lists` holds L lists of `count` tensors, one after the other: tensor i of list l is operand l * count + i. The body's arguments are the shared scalars, then one scalar per list;
    its ops must be elementwise. Results are laid out like the lists: k lists of `count` tensors.
    C1: the number of listed tensors is a multiple of `count`. C2: tensors i of all lists have one shape; tensors of one list have one element type. C3: the body's arguments are scalars of these element types.
    C4: result i of list j has the shape of tensors i and the element type of yielded value j. C5: shared values are scalars.

    Example:
    ```
    %w0n, %w1n = prim.foreach shared(%lr : tensor<f32>) lists(%w0, %w1, %g0, %g1 : tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<3xf32>) count(2) {
    ^bb0(%rate: tensor<f32>, %w: tensor<f32>, %g: tensor<f32>):
      %d = prim.mul %rate, %g : tensor<f32>
      %n = prim.sub %w, %d : tensor<f32>
      prim.yield %n : tensor<f32>
    } -> tensor<2x3xf32>, tensor<3xf32>
    ```
  }];
  let inputs = (ins Variadic<TenonTensor>:$shared, Variadic<TenonTensor>:$lists);
  let attributes = (ins I64Attr:$count);
  let results = (outs Variadic<TenonTensor>:$updated);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`shared` `(` $shared^ `:` type($shared) `)`)? `lists` `(` $lists `:` type($lists) `)` `count` `(` $count `)` $body `->` type($updated) attr-dict";
  let extraClassDefinition = commonDefinition;
  let samples = ["func.func @f(%lr: tensor<f32>, %w: tensor<2x3xf32>, %v: tensor<3xf32>, %g: tensor<2x3xf32>, %h: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>) { %a, %b = prim.foreach shared(%lr : tensor<f32>) lists(%w, %v, %g, %h : tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<3xf32>) count(2) {\n^bb0(%r: tensor<f32>, %p: tensor<f32>, %q: tensor<f32>):\n%d = prim.mul %r, %q : tensor<f32>\n%n = prim.sub %p, %d : tensor<f32>\nprim.yield %n : tensor<f32>\n} -> tensor<2x3xf32>, tensor<3xf32> return %a, %b : tensor<2x3xf32>, tensor<3xf32> }"];
  let hasVerifier = 1;
}
#endif
