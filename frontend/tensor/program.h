// A finished trace as something to compile and run: what it yields, what it writes, and the compiled form of it.
#pragma once
#include "frontend/tensor/trace.h"

namespace tenon::detail {

/// What a trace shall give: values of outputs, and new values of entries.
struct Program {
  Trace &trace;
  std::vector<Number> outputs;
  std::vector<std::pair<uint32_t, Number>> writes;
  /// The structure: equal words (of one process) mean equal compiled forms.
  struct Structure {
    Words &words; // the trace's, with outputs and writes for as long as this lives
    size_t said;
    explicit Structure(const Program &program);
    ~Structure() { words.resize(said); }
  };
  /// prim.state "s0", ..., and one function `name` (a copy of the trace's).
  mlir::OwningOpRef<mlir::ModuleOp> module() const;
};

/// What a run reads: 8 bytes of a host number, or a tensor's memory.
struct RunInput {
  const void *bytes = nullptr;
  Storage *storage = nullptr;
};
/// What a run reads and may write.
struct RunSlot {
  Storage *storage;
  bool written;
};

/// A compiled form. One run at a time; runs of different ones may overlap.
class Executable {
public:
  virtual ~Executable() = default;
  /// The same as below, with the tensors wherever they are.
  virtual void run(llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs);
  /// Memory of the entries in their order, 64-byte aligned and row-major; of inputs and outputs. A check that fails
  /// throws and leaves the entries as they were.
  virtual void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) = 0;
};
/// The same; what fails names the lines of `trace`, whichever program of its structure was compiled.
void run(Executable &executable, const Trace &trace, llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs);

/// The same in anomaly mode: results that are no numbers are an error that names where the first of them came from.
void run_watched(const Program &program, Executable &executable, llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs);

/// From memory, from the disk, or compiled now.
std::shared_ptr<Executable> executable_for(const Program &program, Location loc);
/// Without the cache in memory: the module is consumed. GPUs have numbers from 1 on.
std::shared_ptr<Executable> load_or_compile(mlir::OwningOpRef<mlir::ModuleOp> module, DeviceNumber device);
/// Places in the function instead of lines, and lines of `trace` in a text instead of places.
void number_places(mlir::ModuleOp module);
std::string with_lines(const std::string &text, const Trace &trace);

/// The reference evaluator behind the same door (TENON_EVALUATE=1).
std::shared_ptr<Executable> make_evaluator(mlir::OwningOpRef<mlir::ModuleOp> module);
/// Both, compared at every run (TENON_VERIFY=1): an error where they differ.
std::shared_ptr<Executable> make_verifier(mlir::OwningOpRef<mlir::ModuleOp> module, std::shared_ptr<Executable> compiled);
/// An artifact in a file; one with code for GPUs runs on this one (on the first, where `device` is the CPU).
std::shared_ptr<Executable> open_artifact(const std::string &path, DeviceNumber device);

/// Says something once per process and text, to stderr, unless TENON_QUIET is set.
void say_once(const std::string &text);

} // namespace tenon::detail
