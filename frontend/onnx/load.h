// ONNX in: a file as a module that runs, prints, fine-tunes and is saved like any other.
#pragma once
#include <tenon/nn/module.h>
#include <tenon/nn/holder.h>

#include <memory>
#include <string>
#include <vector>

namespace tenon::onnx {

/// What load() gives. Floating-point initialisers are parameters under their names in the file ("fc1.weight": modules "fc1" inside of it); running
/// statistics of batch norms and numbers of rank 0 are buffers; what only shapes are made of is no state. A graph is imported anew for
/// every signature of its inputs. In training mode dropout and batch norm live.
class ModuleImpl : public nn::Module {
public:
  explicit ModuleImpl(const std::string &path, Location loc = Location::current());
  ~ModuleImpl() override;

  /// One tensor per input of the file, in its order; one per output. Throws Error that names input, node and op where something does not fit. Integers of 8 and
  /// 16 bits are int32 here, unsigned ones of 32 and 64 bits int64. An input on whose numbers a shape depends is read when called.
  TensorList forward(const TensorList &inputs, Location loc = Location::current());
  /// Of a file with one output.
  Tensor forward(const Tensor &x, Location loc = Location::current());
  Tensor forward(const Tensor &x, const Tensor &y, Location loc = Location::current());

  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  /// The nodes, one per line: "y = Relu(x)".
  std::string graph() const;

private:
  struct Content;
  std::unique_ptr<Content> content_;
};
class Module : public nn::ModuleHolder<ModuleImpl> {
public:
  using nn::ModuleHolder<ModuleImpl>::ModuleHolder;
};

/// Reads a file. It is not trusted: Error names the file, and node and op where there is one.
Module load(const std::string &path, Location loc = Location::current());

} // namespace tenon::onnx
