// nn: functions of a real number that are made of others. Those whose decomposition would lose digits in its derivative state the derivative.
#ifndef TENON_NN_MATH_TD
#define TENON_NN_MATH_TD

class Nn_Function<string mnemonic> : Nn_Activation<mnemonic, FloatTensor, [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let extraClassDefinition = commonDefinition # decomposeDefinition # vjpDefinition;
}
def Nn_TanOp : Nn_Function<"tan"> { let autocast = "single"; let summary = "Tangent of x in radians"; let decomposition = "sin(x) / cos(x)"; let vjp = "dy * (1.0 + y * y)"; let onnx = "Tan"; let low = "-1.2"; let high = "1.2"; }
def Nn_AsinOp : Nn_Function<"asin"> {
  let autocast = "single";
  let summary = "The angle in [-pi/2, pi/2] whose sine is x"; let decomposition = "atan2(x, sqrt((1.0 - x) * (1.0 + x)))"; let vjp = "dy * rsqrt((1.0 - x) * (1.0 + x))"; let onnx = "Asin";
  let low = "-0.8"; let high = "0.8";
}
def Nn_AcosOp : Nn_Function<"acos"> {
  let autocast = "single";
  let summary = "The angle in [0, pi] whose cosine is x"; let decomposition = "atan2(sqrt((1.0 - x) * (1.0 + x)), x)"; let vjp = "-(dy * rsqrt((1.0 - x) * (1.0 + x)))"; let onnx = "Acos";
  let low = "-0.8"; let high = "0.8";
}
def Nn_AtanOp : Nn_Function<"atan"> { let summary = "The angle in [-pi/2, pi/2] whose tangent is x"; let decomposition = "atan2(x, 1.0)"; let vjp = "dy / (1.0 + x * x)"; let onnx = "Atan"; }
def Nn_SinhOp : Nn_Function<"sinh"> { let autocast = "single"; let summary = "Hyperbolic sine"; let decomposition = "0.5 * (expm1(x) - expm1(-x))"; let vjp = "dy * (0.5 * (exp(x) + exp(-x)))"; let onnx = "Sinh"; }
def Nn_CoshOp : Nn_Function<"cosh"> { let autocast = "single"; let summary = "Hyperbolic cosine"; let decomposition = "0.5 * (exp(x) + exp(-x))"; let vjp = "dy * (0.5 * (expm1(x) - expm1(-x)))"; let onnx = "Cosh"; }
def Nn_AsinhOp : Nn_Function<"asinh"> { let summary = "The number whose hyperbolic sine is x"; let decomposition = "asinh(x)"; let vjp = "dy * rsqrt(x * x + 1.0)"; let onnx = "Asinh"; }
def Nn_AcoshOp : Nn_Function<"acosh"> {
  let summary = "The positive number whose hyperbolic cosine is x"; let decomposition = "log1p((x - 1.0) + sqrt(x - 1.0) * sqrt(x + 1.0))"; let vjp = "dy * (rsqrt(x - 1.0) * rsqrt(x + 1.0))";
  let onnx = "Acosh"; let low = "1.3"; let high = "4.0";
}
def Nn_AtanhOp : Nn_Function<"atanh"> {
  let summary = "The number whose hyperbolic tangent is x"; let decomposition = "0.5 * (log1p(x) - log1p(-x))"; let vjp = "dy / ((1.0 - x) * (1.0 + x))"; let onnx = "Atanh";
  let low = "-0.8"; let high = "0.8";
}
def Nn_Log2Op : Nn_Function<"log2"> { let autocast = "single"; let summary = "Logarithm to base 2"; let decomposition = "log(x) * 1.4426950408889634"; let vjp = "dy / (x * 0.6931471805599453)"; let low = "0.3"; }
def Nn_Log10Op : Nn_Function<"log10"> { let autocast = "single"; let summary = "Logarithm to base 10"; let decomposition = "log(x) * 0.4342944819032518"; let vjp = "dy / (x * 2.302585092994046)"; let low = "0.3"; }
def Nn_Exp2Op : Nn_Function<"exp2"> { let summary = "2 to the power x"; let decomposition = "exp(x * 0.6931471805599453)"; let vjp = "dy * (y * 0.6931471805599453)"; }
def Nn_ErfinvOp : Nn_Function<"erfinv"> {
  let autocast = "single";
  let summary = "The number whose erf is x";
  let description = "Element by element. C1: operand and result have one type. Giles, \"Approximating the erfinv function\" (2010), then Newton's steps.\n\nExample: `%y = nn.erfinv %x : tensor<2x3xf32>`";
  let decomposition = "erfinv(x)"; let vjp = "dy * (0.886226925452758 * exp(y * y))"; let low = "-0.8"; let high = "0.8";
}
def Nn_LgammaOp : Nn_Function<"lgamma"> {
  let summary = "Logarithm of |gamma(x)|";
  let description = "Element by element. C1: operand and result have one type. Lanczos' approximation with g = 7 and Euler's reflection below 1/2.\n\nExample: `%y = nn.lgamma %x : tensor<2x3xf32>`";
  let decomposition = "lgamma(x)"; let vjp = "dy * digammaOf(x)"; let low = "0.6"; let high = "4.0";
}
def Nn_DigammaOp : Nn_Activation<"digamma"> {
  let summary = "The derivative of lgamma";
  let description = "Element by element. C1: operand and result have one type. Shifted beyond 8, then the asymptotic series (Abramowitz and Stegun 6.3.18); reflection below 0.\n\nExample: `%y = nn.digamma %x : tensor<2x3xf32>`";
  let decomposition = "digammaOf(x)"; let low = "0.6"; let high = "4.0";
}
#endif
