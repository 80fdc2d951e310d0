// prim: loops and branches, whose bodies are regions that see nothing but their arguments.
#ifndef TENON_PRIM_LOOPS_TD
#define TENON_PRIM_LOOPS_TD

/// An op with bodies. What a body uses from outside is an operand (`captured`); bodies neither read nor write state.
class Prim_Control<string mnemonic, list<Trait> traits = []> : Tenon_Op<Prim_Dialect, mnemonic, traits # [
    IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects, DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let extraClassDefinition = commonDefinition;
  let hasVerifier = 1;
}

def Prim_ScanOp : Prim_Control<"scan", [AttrSizedOperandSegments]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A loop over the leading axis: carries go from step to step, slices go in, results are stacked";
  let description = [{
    Step t calls the body with the carries, with slice t of every one of `xs`, and with the captured values; it yields the next carries, then one value per stacked result.
    Results: the last carries, then the stacked ones, of leading extent `length`. `reverse`: t runs from length - 1 down to 0; slices and stacked results keep their places.
    The backward pass of a scan is a scan in the other direction, whose carries are the gradients of the carries and of what was captured. It reads what the steps leave for it;
    with `chunk`, of every `chunk` steps it is left their first carries alone, and computes them again: memory of length / chunk + chunk steps for one more forward pass.
    Values and gradients are those without it, computed in the same order. Nothing is lifted out of a scan with `chunk(1)`, which chunks become a scan of, to all its steps.
    C1: `length` is at least 0 and the leading extent of every one of `xs`. C2: the body's arguments are the carries, slices of `xs`, and the captured values.
    C3: the body yields carries of the types they came with. C4: results are the carries and, with a leading extent of `length`, what else is yielded.
    C5: the body neither reads nor writes state. C6: `chunk` is at least 1.

    Example:
    ```
    %last, %sums = prim.scan inits(%zero : tensor<3xf32>) xs(%x : tensor<5x3xf32>) length(5) {
    ^bb0(%sum: tensor<3xf32>, %row: tensor<3xf32>):
      %next = prim.add %sum, %row : tensor<3xf32>
      prim.yield %next, %next : tensor<3xf32>, tensor<3xf32>
    } -> tensor<3xf32>, tensor<5x3xf32>
    ```
  }];
  let inputs = (ins Variadic<TenonTensor>:$inits, Variadic<TenonTensor>:$xs, Variadic<TenonTensor>:$captured);
  let attributes = (ins I64Attr:$length, UnitAttr:$reverse, OptionalAttr<I64Attr>:$chunk);
  let results = (outs Variadic<TenonTensor>:$values);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`inits` `(` $inits^ `:` type($inits) `)`)? (`xs` `(` $xs^ `:` type($xs) `)`)? (`captured` `(` $captured^ `:` type($captured) `)`)? `length` `(` $length `)` (`reverse` $reverse^)? (`chunk` `(` $chunk^ `)`)? $body (`->` type($values)^)? attr-dict";
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    ::mlir::Operation *getYield() { return getBlock().getTerminator(); }
    /// The carries of every step are kept, and the step is computed again.
    bool recomputes() { return getChunk() == 1; }
    /// The derivative of a scan whose steps do not fit one chunk.
    ::llvm::SmallVector<::tenon::ir::Expr> vjpOfChunks(::mlir::ImplicitLocOpBuilder &builder, ::llvm::ArrayRef<::tenon::ir::Expr> cotangents);
    ::mlir::ValueRange getFinals() { return (*this)->getResults().take_front(getInits().size()); }
    ::mlir::ValueRange getStacked() { return (*this)->getResults().drop_front(getInits().size()); }
    ::mlir::Block::BlockArgListType getCarries() { return getBlock().getArguments().take_front(getInits().size()); }
    ::mlir::Block::BlockArgListType getSlices() { return getBlock().getArguments().slice(getInits().size(), getXs().size()); }
    ::mlir::Block::BlockArgListType getInner() { return getBlock().getArguments().slice(getInits().size() + getXs().size(), getCaptured().size()); }
  }];
  let samples = [
    "func.func @f(%i: tensor<3xT>, %x: tensor<4x3xT>, %w: tensor<3xT>) -> tensor<4x3xT> { %c, %y = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<4x3xT>) captured(%w : tensor<3xT>) length(4) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>, %k: tensor<3xT>):\n%a = prim.mul %h, %k : tensor<3xT>\n%n = prim.add %a, %s : tensor<3xT>\n%z = prim.mul %n, %s : tensor<3xT>\nprim.yield %n, %z : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<4x3xT> return %y : tensor<4x3xT> }",
    "func.func @f(%i: tensor<2x3xT>, %x: tensor<4x2x3xT>, %w: tensor<3x3xT>) -> tensor<2x3xT> { %c = prim.scan inits(%i : tensor<2x3xT>) xs(%x : tensor<4x2x3xT>) captured(%w : tensor<3x3xT>) length(4) reverse {\n^bb0(%h: tensor<2x3xT>, %s: tensor<2x3xT>, %k: tensor<3x3xT>):\n%p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x3xT>, tensor<3x3xT>\n%q = prim.add %p, %s : tensor<2x3xT>\n%n = prim.tanh %q : tensor<2x3xT>\nprim.yield %n : tensor<2x3xT>\n} -> tensor<2x3xT> return %c : tensor<2x3xT> }",
    // Chunks: three of two steps; two of two and one more, from the last to the first; each step by itself; all steps in one.
    "func.func @f(%i: tensor<3xT>, %x: tensor<6x3xT>, %w: tensor<3xT>) -> tensor<6x3xT> { %c, %y = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<6x3xT>) captured(%w : tensor<3xT>) length(6) chunk(2) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>, %k: tensor<3xT>):\n%a = prim.mul %h, %k : tensor<3xT>\n%n = prim.add %a, %s : tensor<3xT>\n%z = prim.mul %n, %h : tensor<3xT>\nprim.yield %n, %z : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<6x3xT> return %y : tensor<6x3xT> }",
    "func.func @f(%i: tensor<3xT>, %x: tensor<5x3xT>, %w: tensor<3xT>) -> tensor<5x3xT> { %c, %y = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<5x3xT>) captured(%w : tensor<3xT>) length(5) reverse chunk(2) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>, %k: tensor<3xT>):\n%a = prim.mul %h, %k : tensor<3xT>\n%n = prim.add %a, %s : tensor<3xT>\n%z = prim.mul %n, %h : tensor<3xT>\nprim.yield %n, %z : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<5x3xT> return %y : tensor<5x3xT> }",
    "func.func @f(%i: tensor<3xT>, %x: tensor<3x3xT>, %w: tensor<3xT>) -> tensor<3x3xT> { %c, %y = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<3x3xT>) captured(%w : tensor<3xT>) length(3) chunk(1) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>, %k: tensor<3xT>):\n%a = prim.mul %h, %k : tensor<3xT>\n%n = prim.add %a, %s : tensor<3xT>\n%z = prim.mul %n, %h : tensor<3xT>\nprim.yield %n, %z : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<3x3xT> return %y : tensor<3x3xT> }",
    "func.func @f(%i: tensor<3xT>, %x: tensor<3x3xT>, %w: tensor<3xT>) -> tensor<3x3xT> { %c, %y = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<3x3xT>) captured(%w : tensor<3xT>) length(3) chunk(4) {\n^bb0(%h: tensor<3xT>, %s: tensor<3xT>, %k: tensor<3xT>):\n%a = prim.mul %h, %k : tensor<3xT>\n%n = prim.add %a, %s : tensor<3xT>\n%z = prim.mul %n, %h : tensor<3xT>\nprim.yield %n, %z : tensor<3xT>, tensor<3xT>\n} -> tensor<3xT>, tensor<3x3xT> return %y : tensor<3x3xT> }",
    // No steps: the carry is what it began as. Two steps inside each of two.
    "func.func @f(%i: tensor<3xT>) -> tensor<3xT> { %c = prim.scan inits(%i : tensor<3xT>) length(0) {\n^bb0(%h: tensor<3xT>):\n%n = prim.mul %h, %h : tensor<3xT>\nprim.yield %n : tensor<3xT>\n} -> tensor<3xT> return %c : tensor<3xT> }",
    "func.func @f(%i: tensor<3xT>, %x: tensor<2x2x3xT>) -> tensor<3xT> { %c = prim.scan inits(%i : tensor<3xT>) xs(%x : tensor<2x2x3xT>) length(2) {\n^bb0(%h: tensor<3xT>, %r: tensor<2x3xT>):\n%d = prim.scan inits(%h : tensor<3xT>) xs(%r : tensor<2x3xT>) captured(%h : tensor<3xT>) length(2) reverse {\n^bb0(%g: tensor<3xT>, %s: tensor<3xT>, %o: tensor<3xT>):\n%m = prim.mul %g, %s : tensor<3xT>\n%n = prim.add %m, %o : tensor<3xT>\nprim.yield %n : tensor<3xT>\n} -> tensor<3xT>\nprim.yield %d : tensor<3xT>\n} -> tensor<3xT> return %c : tensor<3xT> }"];
}

def Prim_WhileOp : Prim_Control<"while", [AttrSizedOperandSegments]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A loop that goes on while a condition on its carries holds";
  let description = [{
    Before each step the first region says, of the carries and the captured values, whether another follows; the second yields the next carries. With a `bound` there are at most so many steps.
    Only a loop with a bound has a derivative: that of a scan over the bound whose steps do nothing once the condition has failed.
    C1: `bound` is at least 0. C2: both regions take the carries, then the captured values. C3: the condition is one flag (tensor<i1>).
    C4: the body yields carries of the types they came with, which are the results. C5: the regions neither read nor write state.

    Example:
    ```
    %y = prim.while inits(%x : tensor<f32>) captured(%limit : tensor<f32>) bound(100) {
    ^bb0(%v: tensor<f32>, %l: tensor<f32>):
      %more = prim.compare lt %v, %l : tensor<f32>
      prim.yield %more : tensor<i1>
    } do {
    ^bb0(%v: tensor<f32>, %l: tensor<f32>):
      %twice = prim.add %v, %v : tensor<f32>
      prim.yield %twice : tensor<f32>
    } -> tensor<f32>
    ```
  }];
  let inputs = (ins Variadic<TenonTensor>:$inits, Variadic<TenonTensor>:$captured);
  let attributes = (ins OptionalAttr<I64Attr>:$bound);
  let results = (outs Variadic<TenonTensor>:$values);
  let regions = (region SizedRegion<1>:$condition, SizedRegion<1>:$body);
  let assemblyFormat = "(`inits` `(` $inits^ `:` type($inits) `)`)? (`captured` `(` $captured^ `:` type($captured) `)`)? (`bound` `(` $bound^ `)`)? $condition `do` $body (`->` type($values)^)? attr-dict";
  let extraClassDeclaration = [{
    /// The same as a scan over `bound` with a flag among its carries, made at the builder's place: its first results are those of this op.
    ScanOp makeScan(::mlir::ImplicitLocOpBuilder &builder);
  }];
  let samples = [
    "func.func @f(%i: tensor<3xT>, %w: tensor<3xT>) -> tensor<3xT> { %z = prim.constant dense<0> : tensor<i64>\n%y, %n = prim.while inits(%i, %z : tensor<3xT>, tensor<i64>) captured(%w : tensor<3xT>) bound(5) {\n^bb0(%h: tensor<3xT>, %t: tensor<i64>, %k: tensor<3xT>):\n%l = prim.constant dense<3> : tensor<i64>\n%m = prim.compare lt %t, %l : tensor<i64>\nprim.yield %m : tensor<i1>\n} do {\n^bb0(%h: tensor<3xT>, %t: tensor<i64>, %k: tensor<3xT>):\n%o = prim.constant dense<1> : tensor<i64>\n%u = prim.add %t, %o : tensor<i64>\n%v = prim.mul %h, %k : tensor<3xT>\nprim.yield %v, %u : tensor<3xT>, tensor<i64>\n} -> tensor<3xT>, tensor<i64> return %y : tensor<3xT> }",
    "func.func @f(%i: tensor<3xi32>) -> tensor<i32> { %z = prim.constant dense<1> : tensor<i32>\n%y = prim.while inits(%z : tensor<i32>) captured(%i : tensor<3xi32>) {\n^bb0(%h: tensor<i32>, %k: tensor<3xi32>):\n%l = prim.constant dense<40> : tensor<i32>\n%m = prim.compare lt %h, %l : tensor<i32>\nprim.yield %m : tensor<i1>\n} do {\n^bb0(%h: tensor<i32>, %k: tensor<3xi32>):\n%v = prim.add %h, %h : tensor<i32>\nprim.yield %v : tensor<i32>\n} -> tensor<i32> return %y : tensor<i32> }"];
}

def Prim_IfOp : Prim_Control<"if"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "One of two computations";
  let description = [{
    The branch that is not taken is not computed. C1: both branches take the captured values. C2: both yield the result types. C3: they neither read nor write state.

    Example:
    ```
    %y = prim.if %flag captured(%x : tensor<3xf32>) {
    ^bb0(%v: tensor<3xf32>):
      prim.yield %v : tensor<3xf32>
    } else {
    ^bb0(%v: tensor<3xf32>):
      %n = prim.neg %v : tensor<3xf32>
      prim.yield %n : tensor<3xf32>
    } -> tensor<3xf32>
    ```
  }];
  let inputs = (ins FlagScalar:$predicate, Variadic<TenonTensor>:$captured);
  let results = (outs Variadic<TenonTensor>:$values);
  let regions = (region SizedRegion<1>:$then, SizedRegion<1>:$otherwise);
  let assemblyFormat = "$predicate (`captured` `(` $captured^ `:` type($captured) `)`)? $then `else` $otherwise (`->` type($values)^)? attr-dict";
  let hasCanonicalizeMethod = 1;
  let samples = [
    "func.func @f(%x: tensor<3xT>, %w: tensor<3xT>) -> tensor<3xT> { %i = prim.iota {dimension = 0} : tensor<3xi32>\n%m = prim.reduce_max %i {dimensions = array<i64: 0>} : tensor<3xi32>\n%c = prim.constant dense<1> : tensor<i32>\n%p = prim.compare gt %m, %c : tensor<i32>\n%y = prim.if %p captured(%x, %w : tensor<3xT>, tensor<3xT>) {\n^bb0(%a: tensor<3xT>, %b: tensor<3xT>):\n%m2 = prim.mul %a, %b : tensor<3xT>\nprim.yield %m2 : tensor<3xT>\n} else {\n^bb0(%a: tensor<3xT>, %b: tensor<3xT>):\nprim.yield %a : tensor<3xT>\n} -> tensor<3xT> return %y : tensor<3xT> }"];
}
#endif
