// Transforms between a dataset and its batches: they run on the host, at once, and are no part of a traced step.
#pragma once
#include <tenon/data/example.h>

#include <functional>
#include <vector>

namespace tenon::data::transforms {

/// From a whole batch to a whole batch.
template <typename InputBatch, typename OutputBatch> class BatchTransform {
public:
  using InputBatchType = InputBatch;
  using OutputBatchType = OutputBatch;
  static constexpr bool only_stacks = false;

  virtual ~BatchTransform() = default;
  virtual OutputBatch apply_batch(InputBatch input_batch) = 0;
};

/// From one example to one example.
template <typename Input, typename Output> class Transform : public BatchTransform<std::vector<Input>, std::vector<Output>> {
public:
  using InputType = Input;
  using OutputType = Output;

  virtual OutputType apply(InputType input) = 0;
  std::vector<Output> apply_batch(std::vector<Input> input_batch) override {
    std::vector<Output> output;
    output.reserve(input_batch.size());
    for (Input &input : input_batch)
      output.push_back(apply(std::move(input)));
    return output;
  }
};

/// From a vector of examples to one value.
template <typename T, typename BatchType = std::vector<T>> using Collation = BatchTransform<BatchType, T>;
template <typename T, typename BatchType = std::vector<T>> using Collate = Collation<T, BatchType>;

/// A function of one example.
template <typename Input, typename Output = Input> class Lambda : public Transform<Input, Output> {
public:
  using FunctionType = std::function<Output(Input)>;
  explicit Lambda(FunctionType function) : function_(std::move(function)) {}
  Output apply(Input input) override { return function_(std::move(input)); }

private:
  FunctionType function_;
};

/// A function of a whole batch.
template <typename Input, typename Output = Input> class BatchLambda : public BatchTransform<Input, Output> {
public:
  using FunctionType = std::function<Output(Input)>;
  explicit BatchLambda(FunctionType function) : function_(std::move(function)) {}
  Output apply_batch(Input input) override { return function_(std::move(input)); }

private:
  FunctionType function_;
};

/// A transform of the data, not of the target.
template <typename Target = Tensor> class TensorTransform : public Transform<Example<Tensor, Target>, Example<Tensor, Target>> {
public:
  using E = Example<Tensor, Target>;
  virtual Tensor operator()(Tensor input) = 0;
  E apply(E input) override {
    input.data = (*this)(std::move(input.data));
    return input;
  }
};

template <typename Target = Tensor> class TensorLambda : public TensorTransform<Target> {
public:
  using FunctionType = std::function<Tensor(Tensor)>;
  explicit TensorLambda(FunctionType function) : function_(std::move(function)) {}
  Tensor operator()(Tensor input) override { return function_(std::move(input)); }

private:
  FunctionType function_;
};

namespace detail {
/// (x - mean[c]) / stddev[c] in a fresh tensor; x is f32 or f64 [..., C, H, W]; one mean serves every channel.
Tensor normalize(const Tensor &x, const std::vector<double> &mean, const std::vector<double> &stddev);
/// The tensors under a new first dimension, by one copy each; all have one shape and dtype.
Tensor stack(const std::vector<Tensor> &tensors);
} // namespace detail

/// (x - mean) / stddev per channel of data [C, H, W]; a single mean and stddev serve every channel.
template <typename Target = Tensor> struct Normalize : public TensorTransform<Target> {
  Normalize(double mean, double stddev) : mean{mean}, stddev{stddev} {}
  Normalize(std::vector<double> mean, std::vector<double> stddev) : mean(std::move(mean)), stddev(std::move(stddev)) {}

  Tensor operator()(Tensor input) override { return detail::normalize(input, mean, stddev); }
  Example<Tensor, Target> apply_stacked(Example<Tensor, Target> batch) {
    batch.data = detail::normalize(batch.data, mean, stddev);
    return batch;
  }

  std::vector<double> mean, stddev;
};

template <typename T = Example<>> struct Stack;

/// The examples of a batch as one example with a new first dimension.
template <> struct Stack<Example<>> : public Collation<Example<>> {
  static constexpr bool only_stacks = true;
  Example<> apply_batch(std::vector<Example<>> examples) override {
    std::vector<Tensor> data, targets;
    for (Example<> &example : examples) {
      data.push_back(std::move(example.data));
      targets.push_back(std::move(example.target));
    }
    return {detail::stack(data), detail::stack(targets)};
  }
};

template <> struct Stack<TensorExample> : public Collation<TensorExample> {
  TensorExample apply_batch(std::vector<TensorExample> examples) override {
    std::vector<Tensor> data;
    for (TensorExample &example : examples)
      data.push_back(std::move(example.data));
    return detail::stack(data);
  }
};

} // namespace tenon::data::transforms
