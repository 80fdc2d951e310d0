// The kernels stage: one op, a grid of blocks over loop nests.
#ifndef TENON_DIALECT_KERNEL_TD
#define TENON_DIALECT_KERNEL_TD
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::tenon::ir::kernel";
  let summary = "Fused kernels: grids of independent blocks, still on tensors";
  let description = [{
    What fusion decided and code generation reads. A `kernel.grid` is one kernel: its body holds linalg ops, each with the
    number of its loop that the grid cuts (`axis`, -1: none). Kernels of one level are independent and become one launch.
  }];
}

def Kernel_GridOp : Op<Kernel_Dialect, "grid", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "A kernel: the ops of its body over a grid of blocks";
  let description = [{
    The grid cuts `extent` indices into blocks of `block` (the last may be shorter); extent 0: one block, nothing is cut.
    `inPlace[i]` is -1, or the number of the operand whose buffer result i overwrites (state that is updated in place).

    C1: the body ends in `kernel.yield` of the result types.
    C2: `inPlace` has one entry per result, each -1 or an operand of the result's type.
    C3: every linalg op of the body has an integer `axis`.

    Example:
    ```mlir
    %0 = kernel.grid extent 64 block 16 level 0 inPlace [-1] (%x) {
    ^bb0(%a: tensor<64x8xf32>):
      %e = tensor.empty() : tensor<64x8xf32>
      %1 = linalg.generic ... attrs = {axis = 0} ...
      kernel.yield %1 : tensor<64x8xf32>
    } : (tensor<64x8xf32>) -> tensor<64x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64Attr:$extent, I64Attr:$block, I64Attr:$level, DenseI64ArrayAttr:$inPlace);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`extent` $extent `block` $block `level` $level `inPlace` $inPlace ` ` `(` $inputs `)` $body attr-dict `:` functional-type($inputs, $outputs)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getBlocks() { return getExtent() ? (getExtent() + getBlock() - 1) / getBlock() : 1; }
    ::mlir::ValueRange getYielded() { return getBody().front().getTerminator()->getOperands(); }
  }];
}

def Kernel_CallOp : Op<Kernel_Dialect, "call"> {
  let summary = "A call of a function that GPU code's prelude defines: copies that land later, products of tiles";
  let description = [{
    `function` is C++ as it stands before the parentheses, with its template arguments; memory is passed as a pointer.

    Example: `kernel.call "wait_copies<1>" () : () -> ()`
  }];
  let arguments = (ins StrAttr:$function, Variadic<AnyType>:$operands);
  let results = (outs Variadic<AnyType>:$values);
  let assemblyFormat = "$function ` ` `(` $operands `)` attr-dict `:` functional-type($operands, $values)";
}

def Kernel_YieldOp : Op<Kernel_Dialect, "yield", [Terminator, Pure, ReturnLike, HasParent<"GridOp">]> {
  let summary = "What a kernel leaves in memory";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def Kernel_LoopOp : Op<Kernel_Dialect, "loop", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A loop on the host's side: the commands of a private function, again and again";
  let description = [{
    The function takes carries, slices of `xs` and captured values; it returns the next carries (each with `tenon.updates`, its argument's number) and slices of the stacked
    results. `flag` >= 0: that carry is one flag, read before each pass; the loop ends where it is false, at the latest after `length` passes.
    C1: the function exists and has these types. C2: `flag` is -1, or a carry of type tensor<i1>.

    Example:
    ```mlir
    %last, %all = kernel.loop @step inits(%zero : tensor<3xf32>) xs(%x : tensor<5x3xf32>) length 5 flag -1 level 2 : tensor<3xf32>, tensor<5x3xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$body, Variadic<AnyRankedTensor>:$inits, Variadic<AnyRankedTensor>:$xs, Variadic<AnyRankedTensor>:$captured, I64Attr:$length, UnitAttr:$reverse, I64Attr:$flag, I64Attr:$level);
  let results = (outs Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "$body (`inits` `(` $inits^ `:` type($inits) `)`)? (`xs` `(` $xs^ `:` type($xs) `)`)? (`captured` `(` $captured^ `:` type($captured) `)`)? `length` $length (`reverse` $reverse^)? `flag` $flag `level` $level attr-dict (`:` type($values)^)?";
}

def Kernel_BranchOp : Op<Kernel_Dialect, "branch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "One of two private functions";
  let description = [{
    Both take the captured values and return the results.
    C1: the functions exist and have these types.

    Example:
    ```mlir
    %y = kernel.branch %flag @then @otherwise (%x) level 1 : tensor<i1>, (tensor<3xf32>) -> tensor<3xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$predicate, FlatSymbolRefAttr:$then, FlatSymbolRefAttr:$otherwise, Variadic<AnyRankedTensor>:$captured, I64Attr:$level);
  let results = (outs Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "$predicate $then $otherwise `(` $captured `)` `level` $level attr-dict `:` type($predicate) `,` functional-type($captured, $values)";
}
#endif
