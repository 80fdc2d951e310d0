// The dialect `prim`: orthogonal primitives on static tensors. One entry is the whole op; README.md in compiler/ says how to add one.
#ifndef TENON_PRIM_TD
#define TENON_PRIM_TD
include "compiler/dialect/interfaces/Interfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def Prim_Dialect : Dialect {
  let name = "prim";
  let cppNamespace = "::tenon::ir::prim";
  let summary = "Primitive operations on static tensors.";
  let description = [{
    Tensors are static, row-major, of f32 f64 bf16 f16 i32 i64 i1; a scalar is a tensor of rank 0. There is no implicit broadcasting.
    bf16 and f16 are storage: every op computes in f32 and rounds its result. Every op has a type rule, a verifier, a loop nest, and a derivative or the word that it has none.
    The labels C1, C2, ... in an op's description are the constraints that its verifier names.
  }];
  let hasConstantMaterializer = 1;
}

//===-- Base classes ------------------------------------------------------------------------------------------------===//

/// An op without a loop nest.
class Prim_Op<string mnemonic, list<Trait> traits = []> : Tenon_Op<Prim_Dialect, mnemonic, traits # [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let extraClassDefinition = commonDefinition # vjpDefinition;
}

/// An op whose result is one loop nest. `scalar` is its body: an infix expression over the elements of the operands, by their names.
class Prim_LoopNest<string mnemonic, list<Trait> traits = []> : Prim_Op<mnemonic, traits # [Pure, DeclareOpInterfaceMethods<LoopNestOpInterface>]> {
  code scalar = "";
  /// A named function that builds the body instead: f(op, builder, args, operands, resultElement).
  code body = "";
  code ranges = "resultShape(*this)";
  code iterators = "parallelLoops(*this)";
  /// From the loops (one per result dimension) to each operand, then to the result.
  code maps = "identityMaps(*this)";
  /// Reductions: the number they start from.
  code initial = "{}";
  code loopDefinition = "::llvm::SmallVector<int64_t> $cppClass::getLoopRanges() { return " # ranges # "; }\n"
    "::llvm::SmallVector<::mlir::utils::IteratorType> $cppClass::getIterators() { return " # iterators # "; }\n"
    "::llvm::SmallVector<::mlir::AffineMap> $cppClass::getLoopMaps() { return " # maps # "; }\n"
    "::mlir::TypedAttr $cppClass::getInitial([[maybe_unused]] ::mlir::Type element) { return " # initial # "; }\n"
    "::mlir::Value $cppClass::buildBody(::mlir::OpBuilder &outer, ::mlir::Location loc, [[maybe_unused]] ::mlir::ValueRange args, "
    "[[maybe_unused]] ::mlir::ValueRange operands, [[maybe_unused]] ::mlir::Type resultElement) {\n"
    "  ::mlir::ImplicitLocOpBuilder builder(loc, outer);\n" #
    !if(!empty(body), BindOperands<inputs, "Scalar", "args">.code_ # "  return inType(builder, " # scalar # ", resultElement);\n}\n",
                      "  return " # body # "(*this, builder, args, operands, resultElement);\n}\n");
  let extraClassDefinition = commonDefinition # vjpDefinition # loopDefinition;
}

/// An op whose work falls into pieces. Its C++ defines the interface's methods, `pieces` among them where there are more; the derivative is a named function.
class Prim_Piecewise<string mnemonic, list<Trait> traits = []> : Prim_Op<mnemonic, traits # [Pure]> {
  /// f(op, cotangent): one cotangent per operand.
  code adjoint = "";
  let vjpDefinition = "::llvm::SmallVector<::tenon::ir::Expr> $cppClass::vjp([[maybe_unused]] ::mlir::ImplicitLocOpBuilder &builder, "
    "[[maybe_unused]] ::llvm::ArrayRef<::tenon::ir::Expr> cotangents) { return " #
    !if(!empty(adjoint), "::llvm::SmallVector<::tenon::ir::Expr>((*this)->getNumOperands())", adjoint # "(*this, cotangents[0])") # "; }\n";
}

class Prim_Unary<string mnemonic, Type type> : Prim_LoopNest<mnemonic, [OneType<["x", "y"]>]> {
  let inputs = (ins type:$x);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let description = "Element by element. C1: operand and result have one type.\n\nExample: `%y = prim." # mnemonic # " %x : tensor<2x3x" # !if(!eq(!cast<string>(type), "BitTensor"), "i32", "f32") # ">`";
  let onnxForm = onnxPlain;
  let samples = ["<{}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{}> : (tensor<T>) -> tensor<T>"];
}
class Prim_Binary<string mnemonic, Type type, list<Trait> traits = []> : Prim_LoopNest<mnemonic, traits # [OneType<["a", "b", "y"]>]> {
  let inputs = (ins type:$a, type:$b);
  let results = (outs type:$y);
  let assemblyFormat = "operands attr-dict `:` type($a)";
  let description = "Element by element. C1: operands and result have one type.\n\nExample: `%y = prim." # mnemonic # " %a, %b : tensor<2x3x" # !if(!eq(!cast<string>(type), "BitTensor"), "i32", "f32") # ">`";
  let onnxForm = onnxPlain;
  let samples = ["<{}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xT>", "<{}> : (tensor<T>, tensor<T>) -> tensor<T>"];
}

include "compiler/dialect/prim/Pointwise.td"
include "compiler/dialect/prim/Shape.td"
include "compiler/dialect/prim/Reduce.td"
include "compiler/dialect/prim/Index.td"
include "compiler/dialect/prim/Conv.td"
include "compiler/dialect/prim/State.td"
include "compiler/dialect/prim/Control.td"
include "compiler/dialect/prim/Loops.td"
include "compiler/dialect/prim/Custom.td"
#endif
