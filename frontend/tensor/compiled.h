// A compiled function: its recordings (variants), each with what it depends on, what it runs and where results go.
#pragma once
#include "frontend/tensor/capture.h"
#include "frontend/tensor/program.h"

namespace tenon::detail {

/// Where one returned tensor comes from.
struct Result {
  enum Kind { Output, Slot, Argument } kind;
  uint32_t index = 0; // of the output or argument
  ImplPtr slot;
};
/// What happens to a leaf's .grad.
struct GradResult {
  ImplPtr leaf;                 // null: an argument's
  uint32_t argument = 0;
  ImplPtr before;          // what it was, where that matters; null: none
  bool reset = false;      // what it was does not matter
  enum Kind { None, Same, Output, NotKept } kind = None;
  uint32_t output = 0;
  Tensor poison; // NotKept: reading it says so
  const ImplPtr &of(const std::vector<ImplPtr> &arguments) const { return leaf ? leaf : arguments[argument]; }
};

struct Variant {
  // Guards.
  struct ArgumentGuard {
    mlir::RankedTensorType type;
    bool requires_grad;
    DeviceNumber device;
    uint32_t alias; // the first argument that is the same tensor
    bool operator==(const ArgumentGuard &) const = default;
  };
  std::vector<ArgumentGuard> arguments;
  bool grad_mode;
  std::optional<Dtype> autocast;
  std::vector<Capture::Flag> flags;
  std::vector<bool> slots_require_grad;
  std::vector<DeviceNumber> slots_device;

  std::shared_ptr<Trace> trace; // kept for save_artifact
  std::vector<Number> outputs;  // values, in the order of the function's results
  std::vector<std::pair<uint32_t, Number>> writes;
  size_t returned = 0; // outputs [0, returned) are the user's
  Words structure;
  std::vector<ImplPtr> slots;
  std::vector<bool> slot_written;
  std::vector<Result> results;
  std::vector<GradResult> grads;
  std::vector<std::pair<uint32_t, uint32_t>> argument_writes; // argument, output
  std::vector<mlir::RankedTensorType> output_types;
  std::vector<Dtype> output_dtypes;
  std::vector<DeviceNumber> output_devices;
  std::shared_ptr<Executable> executable;
  int64_t recorded = 0, calls = 0;

  Program program() const { return {*trace, outputs, writes}; }
};

class CompiledFunction {
public:
  CompiledFunction(TensorFunction fn, CompileOptions options, Location loc) : fn(std::move(fn)), options(std::move(options)), loc(loc) {}
  TensorList call(const TensorList &arguments);
  /// The trace of a call with these arguments, which does not run: everything is as before.
  std::unique_ptr<Variant> capture(const std::vector<ImplPtr> &arguments);

  TensorFunction fn;
  CompileOptions options;
  Location loc;
  std::vector<std::unique_ptr<Variant>> variants; // the one used last is the last

private:
  /// Why a variant does not fit a call; "" where it does.
  std::string mismatch(const Variant &v, const std::vector<ImplPtr> &arguments) const;
  Variant *find(const std::vector<ImplPtr> &arguments);
  struct Tracing; // in recording.cpp
  /// Traces a call; its changes of slots last as long as `tracing`, unless they are kept.
  std::unique_ptr<Variant> trace(const std::vector<ImplPtr> &arguments, Tracing &tracing);
  /// Records a call; `before`: the variant that it must equal.
  TensorList record(const std::vector<ImplPtr> &arguments, Variant *before);
  TensorList replay(Variant &v, const std::vector<ImplPtr> &arguments);
  std::recursive_mutex mutex;
  std::string last_mismatch;
};

/// Runs a variant on these arguments; the outputs' memory comes back.
std::vector<StoragePtr> run_variant(Variant &v, const std::vector<ImplPtr> &arguments);
/// Throws the error that says where two recordings of one function part.
[[noreturn]] void throw_difference(const Variant &before, const Variant &now, Location compiled_at);

} // namespace tenon::detail
