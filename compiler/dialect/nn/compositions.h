// Decompositions that are longer than an expression, and the words that the entries are written in.
#pragma once
#include "compiler/dialect/nn/Nn.h"
#include <array>

namespace tenon::ir::nn {

/// The operands of an op by position; null for an optional one that is not there.
struct Operands {
  mlir::Operation *op;
  explicit Operands(mlir::Operation *o) : op(o) {}
  mlir::Value operator[](unsigned i) const { return i < op->getNumOperands() ? op->getOperand(i) : mlir::Value(); }
};
/// Checks that a composition has the types of the op it stands for.
llvm::FailureOr<llvm::SmallVector<mlir::Value>> finish(mlir::Operation *op, llvm::ArrayRef<Expr> results);

// Activations.
Expr sigmoid(Expr x);
Expr gelu(Expr x, GeluForm form);
Expr softmax(Expr x, int64_t dim, bool emptyRows);
Expr softplus(Expr x, double beta, double threshold);
Expr glu(Expr x, int64_t dim);
Expr logSoftmax(Expr x, int64_t dim);
Expr argmax(Expr x, int64_t dim, bool keepdim);

// Layers and random numbers.
Expr linear(Expr x, Expr w, Expr b);
Expr convolution(ConvOp op, Expr x, Expr w, Expr b);
Expr transposedConvolution(ConvTransposeOp op, Expr x, Expr w, Expr b);
Expr dropout(Expr x, Expr seed, Expr counter, double p);
/// The low `bits` of a word, as a number of `element`: exact where it has that many bits.
Expr lowBits(Expr word, int bits, mlir::Type element);
Expr randomUniform(Expr seed, Expr counter, mlir::RankedTensorType type);
Expr randomNormal(Expr seed, Expr counter, mlir::RankedTensorType type);

// Attention.
Expr attentionWeights(Expr q, Expr k, Expr mask, double scale, bool causal);
Expr attention(Expr q, Expr k, Expr v, Expr mask, double scale, bool causal);

// Normalisation.
/// The weight and the bias among an op's operands, from `first` on; null where they are not.
struct Affine {
  Expr weight, bias;
  Affine(mlir::Operation *op, mlir::ImplicitLocOpBuilder &b, unsigned first);
};
/// The result, the mean and the variance.
llvm::SmallVector<Expr> standardize(Expr x, llvm::ArrayRef<int64_t> dimensions, double eps);
/// The cotangent of x, given mean and variance and the cotangents of the three results.
Expr standardizeAdjoint(Expr x, std::array<Expr, 2> moments, std::array<Expr, 3> d, llvm::ArrayRef<int64_t> dimensions, double eps);
Expr batchNorm(Expr x, Expr mean, Expr variance, const Affine &affine, double eps);
llvm::SmallVector<Expr> batchNormTraining(Expr x, const Affine &affine, double eps);
llvm::SmallVector<Expr> instanceNorm(Expr x, const Affine &affine, double eps);
Expr groupNorm(Expr x, int64_t groups, const Affine &affine, double eps);
Expr layerNorm(Expr x, int64_t axis, const Affine &affine, double eps);
Expr rmsNorm(Expr x, int64_t axis, const Affine &affine, double eps);

// Indices.
Expr checkedIndex(Expr x, int64_t extent, bool wrap, llvm::StringRef user);
Expr embedding(Expr x, Expr weight, std::optional<int64_t> padding);

// Losses.
Expr reduced(Expr loss, Reduction reduction);
/// The adjoint of `reduced`: the cotangent of every element of x.
Expr unreduced(Expr dy, Expr x, Reduction reduction);
Expr binaryCrossEntropy(Expr x, Expr target);
/// Quadratic where |difference| < beta, linear beyond.
Expr smoothL1(Expr difference, double beta);
Expr klDivergence(Expr x, Expr target, bool logTarget);
/// The negative log likelihood of log probabilities [N, C], with label smoothing; `name` is for messages.
Expr classLoss(Expr logProbability, Expr target, Expr weight, Reduction reduction, int64_t ignoreIndex, double labelSmoothing,
               llvm::StringRef name);

} // namespace tenon::ir::nn
