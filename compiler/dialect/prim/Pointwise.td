// prim: pointwise ops, comparison, selection, conversion.
#ifndef TENON_PRIM_POINTWISE_TD
#define TENON_PRIM_POINTWISE_TD

//===-- Unary -------------------------------------------------------------------------------------------------------===//

def Prim_NegOp : Prim_Unary<"neg", NumberTensor> { let hasFolder = 1; let summary = "-x"; let scalar = "-x"; let vjp = "-dy"; let onnx = "Neg"; }
def Prim_AbsOp : Prim_Unary<"abs", NumberTensor> { let hasFolder = 1; let summary = "|x|; its derivative at 0 is 0"; let scalar = "abs(x)"; let vjp = "dy * sign(x)"; let onnx = "Abs"; }
def Prim_SignOp : Prim_Unary<"sign", NumberTensor> { let hasFolder = 1;
  let summary = "-1, 0 or 1; 0 for NaN (as PyTorch)";
  let scalar = "select(x > 0, 1, select(x < 0, -1, constant(builder, x.type(), 0)))"; let vjp = NoVjp; let onnx = "Sign";
}
def Prim_NotOp : Prim_Unary<"not", BitTensor> { let onnxForm = "onnx(*this, o)"; let hasFolder = 1; let summary = "Flips every bit; of a flag: is false"; let scalar = "flip(x)"; let vjp = NoVjp; let onnx = "Not"; }
def Prim_FloorOp : Prim_Unary<"floor", FloatTensor> { let hasFolder = 1; let summary = "Largest integer not above x"; let scalar = "floor(x)"; let vjp = NoVjp; let onnx = "Floor"; }
def Prim_ExpOp : Prim_Unary<"exp", FloatTensor> { let autocast = "single"; let summary = "e to the power x"; let scalar = "exp(x)"; let vjp = "dy * y"; let onnx = "Exp"; }
def Prim_Expm1Op : Prim_Unary<"expm1", FloatTensor> { let onnxForm = "onnx(*this, o)"; let autocast = "single"; let summary = "exp(x) - 1, exact near 0"; let scalar = "expm1(x)"; let vjp = "dy * (y + 1.0)"; }
def Prim_LogOp : Prim_Unary<"log", FloatTensor> { let autocast = "single"; let summary = "Natural logarithm"; let scalar = "log(x)"; let vjp = "dy / x"; let onnx = "Log"; let low = "0.3"; }
def Prim_Log1pOp : Prim_Unary<"log1p", FloatTensor> { let onnxForm = "onnx(*this, o)"; let autocast = "single"; let summary = "log(1 + x), exact near 0"; let scalar = "log1p(x)"; let vjp = "dy / (x + 1.0)"; let low = "-0.6"; }
def Prim_SqrtOp : Prim_Unary<"sqrt", FloatTensor> { let summary = "Square root"; let scalar = "sqrt(x)"; let vjp = "dy / (2.0 * y)"; let onnx = "Sqrt"; let low = "0.3"; }
def Prim_RsqrtOp : Prim_Unary<"rsqrt", FloatTensor> { let onnxForm = "OnnxNames{o.node(\"Reciprocal\", {o.node(\"Sqrt\", {o(getX())})})}"; let autocast = "single"; let summary = "1 / sqrt(x)"; let scalar = "rsqrt(x)"; let vjp = "-0.5 * dy * (y * y * y)"; let low = "0.3"; }
def Prim_SinOp : Prim_Unary<"sin", FloatTensor> { let summary = "Sine of x in radians"; let scalar = "sin(x)"; let vjp = "dy * cos(x)"; let onnx = "Sin"; }
def Prim_CosOp : Prim_Unary<"cos", FloatTensor> { let summary = "Cosine of x in radians"; let scalar = "cos(x)"; let vjp = "-(dy * sin(x))"; let onnx = "Cos"; }
def Prim_TanhOp : Prim_Unary<"tanh", FloatTensor> { let summary = "Hyperbolic tangent"; let scalar = "tanh(x)"; let vjp = "dy * (1.0 - y * y)"; let onnx = "Tanh"; }
def Prim_RoundOp : Prim_Unary<"round", FloatTensor> { let summary = "The nearest integer, the even one of two"; let scalar = "round(x)"; let vjp = NoVjp; let onnx = "Round"; }
def Prim_ErfcOp : Prim_Unary<"erfc", FloatTensor> { let onnxForm = "OnnxNames{o.node(\"Sub\", {o.number(getX().getType().getElementType(), 1), o.node(\"Erf\", {o(getX())})})}"; let summary = "1 - erf(x), exact where that is small"; let scalar = "erfc(x)"; let vjp = "dy * (-1.1283791670955126 * exp(-(x * x)))"; }
def Prim_ErfOp : Prim_Unary<"erf", FloatTensor> {
  let summary = "Gauss error function"; let scalar = "erf(x)"; let vjp = "dy * (1.1283791670955126 * exp(-(x * x)))"; let onnx = "Erf";
}

//===-- Binary ------------------------------------------------------------------------------------------------------===//

def Prim_AddOp : Prim_Binary<"add", NumberTensor, [Commutative]> { let hasCanonicalizeMethod = 1; let hasFolder = 1; let summary = "a + b; integers wrap"; let scalar = "a + b"; let vjp = "dy, dy"; let onnx = "Add"; }
def Prim_SubOp : Prim_Binary<"sub", NumberTensor> { let hasCanonicalizeMethod = 1; let hasFolder = 1; let summary = "a - b; integers wrap"; let scalar = "a - b"; let vjp = "dy, -dy"; let onnx = "Sub"; }
def Prim_MulOp : Prim_Binary<"mul", NumberTensor, [Commutative]> { let hasFolder = 1; let summary = "a * b; integers wrap"; let scalar = "a * b"; let vjp = "dy * b, dy * a"; let onnx = "Mul"; }
def Prim_DivOp : Prim_Binary<"div", NumberTensor> { let onnxForm = "onnxQuotient(*this, getOnnxName(), o)"; let hasCanonicalizeMethod = 1; let hasFolder = 1;
  let summary = "a / b; integers truncate towards 0, and by 0 give the dividend";
  let scalar = "a / b"; let vjp = "dy / b, -(dy * (y / b))"; let onnx = "Div"; let low = "0.4";
}
def Prim_RemOp : Prim_Binary<"rem", NumberTensor> {
  let onnxForm = "onnxQuotient(*this, getOnnxName(), o)";
  let summary = "Remainder of the truncated quotient, with the sign of a (C's fmod and %); integers by 0 give 0";
  let scalar = "rem(a, b)"; let onnx = "Mod"; let low = "0.4";
  let where = "Expr q = a / b;";
  let vjp = "dy, -(dy * (sign(q) * floor(abs(q))))";
}
def Prim_PowOp : Prim_Binary<"pow", FloatTensor> {
  let autocast = "single";
  let summary = "a to the power b";
  let scalar = "pow(a, b)"; let onnx = "Pow"; let low = "0.4";
  let where = "Expr flat = eq(b, 0.0) | (eq(a, 0.0) & (b > 0.0));";
  let vjp = "select(eq(b, 0.0), 0.0, dy * (b * pow(a, b - 1.0))), select(flat, 0.0, dy * (y * log(a)))";
}
def Prim_Atan2Op : Prim_Binary<"atan2", FloatTensor> {
  let onnxForm = "onnx(*this, o)";
  let summary = "The angle of the point (b, a), in radians from -pi to pi; its derivatives at the origin are 0";
  let scalar = "atan2(a, b)"; let low = "0.4";
  let where = "Expr sum = a * a + b * b; Expr square = select(eq(sum, 0.0), std::numeric_limits<double>::infinity(), sum);";
  let vjp = "dy * (b / square), -(dy * (a / square))";
}
def Prim_MaxOp : Prim_Binary<"max", NumberTensor, [Commutative]> { let hasFolder = 1;
  let summary = "The larger; NaN if either is. Where they are equal each gets half of the cotangent";
  let scalar = "max(a, b)"; let onnx = "Max";
  let where = "Expr half = select(eq(a, b), 0.5 * dy, dy);";
  let vjp = "select(a < b, 0.0, half), select(b < a, 0.0, half)";
}
def Prim_MinOp : Prim_Binary<"min", NumberTensor, [Commutative]> { let hasFolder = 1;
  let summary = "The smaller; NaN if either is. Where they are equal each gets half of the cotangent";
  let scalar = "min(a, b)"; let onnx = "Min";
  let where = "Expr half = select(eq(a, b), 0.5 * dy, dy);";
  let vjp = "select(a > b, 0.0, half), select(b > a, 0.0, half)";
}
def Prim_AndOp : Prim_Binary<"and", BitTensor, [Commutative]> { let onnxForm = "onnxBits(*this, getOnnxName(), o)"; let hasFolder = 1; let summary = "Bitwise and"; let scalar = "a & b"; let vjp = NoVjp; let onnx = "And"; }
def Prim_OrOp : Prim_Binary<"or", BitTensor, [Commutative]> { let onnxForm = "onnxBits(*this, getOnnxName(), o)"; let hasFolder = 1; let summary = "Bitwise or"; let scalar = "a | b"; let vjp = NoVjp; let onnx = "Or"; }
def Prim_XorOp : Prim_Binary<"xor", BitTensor, [Commutative]> { let onnxForm = "onnxBits(*this, getOnnxName(), o)"; let hasFolder = 1; let summary = "Bitwise exclusive or"; let scalar = "a ^ b"; let vjp = NoVjp; let onnx = "Xor"; }

//===-- Comparison, selection, conversion ---------------------------------------------------------------------------===//

def Prim_Predicate : I32EnumAttr<"Predicate", "an order between two elements", [
    I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>, I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::tenon::ir::prim";
}

def Prim_CompareOp : Prim_LoopNest<"compare", [OneType<["a", "b"]>, InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Whether a and b stand in an order; with NaN only `ne` holds";
  let description = "Element by element. C1: operands have one type; the result has their shape and i1.\n\nExample: `%y = prim.compare lt %a, %b : tensor<2x3xf32>`";
  let inputs = (ins TenonTensor:$a, TenonTensor:$b);
  let attributes = (ins Prim_Predicate:$predicate);
  let results = (outs FlagTensor:$y);
  let assemblyFormat = "$predicate operands attr-dict `:` type($a)";
  let scalar = "compare(static_cast<Order>(getPredicate()), a, b)";
  let vjp = NoVjp;
  let onnx = "Less";
  let samples = ["<{predicate = 0 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>", "<{predicate = 1 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>",
    "<{predicate = 2 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>", "<{predicate = 3 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>",
    "<{predicate = 4 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>", "<{predicate = 5 : i32}> : (tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xi1>"];
}

def Prim_SelectOp : Prim_LoopNest<"select", [OneType<["a", "b", "y"]>, OneShape<"c", "a", "C2">]> {
  let onnxForm = onnxPlain;
  let summary = "a where the condition holds, b elsewhere";
  let description = "Element by element. C1: choices and result have one type. C2: the condition has their shape.\n\nExample: `%y = prim.select %c, %a, %b : tensor<2x3xi1>, tensor<2x3xf32>`";
  let inputs = (ins FlagTensor:$c, TenonTensor:$a, TenonTensor:$b);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type($c) `,` type($a)";
  let scalar = "select(c, a, b)";
  let vjp = "Expr(), select(c, dy, 0.0), select(c, 0.0, dy)";
  let onnx = "Where";
  let samples = ["<{}> : (tensor<2x3xi1>, tensor<2x3xT>, tensor<2x3xT>) -> tensor<2x3xT>"];
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def Prim_CastOp : Prim_LoopNest<"cast", [OneShape<"x", "y", "C1">]> {
  let onnxForm = onnxPlain; let onnxAttributes = "{\"to\", getY().getType().getElementType()}";
  let summary = "Converts the elements";
  let description = [{
    To a narrower float rounds to nearest even; float to integer truncates towards 0 and saturates, NaN gives 0; to i1 is "not equal to 0"; integers wrap or extend their sign.
    C1: operand and result have one shape.

    Example: `%y = prim.cast %x : tensor<2x3xf32> to tensor<2x3xi32>`
  }];
  let inputs = (ins TenonTensor:$x);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let scalar = "cast(x, resultElement)";
  let vjp = "cast(dy, x)";
  let onnx = "Cast";
  let samples = ["<{}> : (tensor<2x3xT>) -> tensor<2x3xf32>", "<{}> : (tensor<2x3xT>) -> tensor<2x3xf64>", "<{}> : (tensor<2x3xT>) -> tensor<2x3xbf16>", "<{}> : (tensor<2x3xT>) -> tensor<2x3xf16>",
    "<{}> : (tensor<2x3xT>) -> tensor<2x3xi32>", "<{}> : (tensor<2x3xT>) -> tensor<2x3xi64>", "<{}> : (tensor<2x3xT>) -> tensor<2x3xi1>"];
  let hasFolder = 1;
}
#endif
