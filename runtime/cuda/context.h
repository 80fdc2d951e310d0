// A context on a GPU: one block of memory for inputs, outputs and scratch, and every function as a graph that is captured once and replayed.
#pragma once
#include "runtime/context.h"
#include "runtime/cuda/device.h"

namespace tenon::rt::cuda {

/// Where an input or output is: in the context's memory, and at the caller's.
struct Piece {
  uint64_t offset, bytes; // from the beginning of the inputs or outputs
  const void *host;       // of this run
  bool staged;            // it goes through pinned memory
};

struct Prepared {
  const tenon_function *function = nullptr;
  Sizes sizes;
  bool symbolic = false, ready = false;
  bool replayed = false;          // its commands are a graph; else each is launched by itself
  Array<Piece> inputs, outputs;
  uint64_t inputBytes = 0, outputBytes = 0, arenaBytes = 0; // outputs: with the status word before them
  Array<Address> arguments;       // for the state and memory of these versions
  uint64_t stateVersion = 0, memoryVersion = 0;
  Executable *graph = nullptr;
  uint64_t nodes = 0;
  Array<uint32_t> rows;           // command -> its first row of the profile
  Array<Timing> timings;
  Timing whole = {};
};

/// Inputs that were sent ahead of their run.
struct Fed {
  const tenon_function *function = nullptr; // NULL: free
  uint64_t number = 0, bytes = 0;           // its place in the order of calls
  Array<const void *> hosts;
  Memory memory;
  char *pinned = nullptr;
  uint64_t pinnedBytes = 0;
  Event *done = nullptr;
};

/// Between the status word and the first output.
constexpr uint64_t statusBytes = 256;
/// Pinned memory is two chunks of at most this.
constexpr uint64_t largestChunk = 1 << 20;
/// A function with more nodes than this is launched piece by piece.
constexpr uint64_t mostNodes = 16384;

struct Context {
  tenon_model *model = nullptr;
  const Device *device = nullptr;
  const Loaded *loaded = nullptr;
  bool profile = false;
  Stream *stream = nullptr;
  Event *events[2] = {};
  char *pinned = nullptr;
  uint64_t chunk = 0;
  Memory memory; // status and outputs, then inputs, then the arena
  uint64_t memoryVersion = 0, outputRoom = 0, inputRoom = 0, arenaRoom = 0;
  Prepared *functions = nullptr;
  Array<void *> parameters; // of one launch
  Stream *copies = nullptr; // of inputs that are sent ahead
  Fed fed[2];
  uint64_t fedCount = 0;
  uint32_t mostInputs = 0; // of a function
  ~Context();

  Address status() const { return memory.address(); }
  Address outputs() const { return memory.address(); }
  Address inputs() const { return memory.address() + outputRoom; }
  Address arena() const { return memory.address() + outputRoom + inputRoom; }
  const tenon_plan &plan() const { return *model->cuda->plan; }
};

tenon_status createContext(tenon_model &model, uint32_t ordinal, bool profile, Context *&context);
void destroyContext(Context *context);
/// For the sizes in `p.sizes`: where its inputs and outputs go, and memory enough.
tenon_status prepare(Context &context, Prepared &p);
tenon_status bindSizes(Context &context, uint32_t function, const tenon_array *inputs, size_t count);
/// Addresses for this state, and the graph.
tenon_status capture(Context &context, Prepared &p, const tenon_state *state);
tenon_status run(Context &context, tenon_state *state, uint32_t function, const void *const *inputs, void *const *outputs);
/// Launches the commands one by one, with what the host has to decide between them; `started`: one was.
Result launchCommands(Context &context, Prepared &p, bool &started);

/// Begins to copy the inputs of a later run.
tenon_status prefetch(Context &context, uint32_t function, const void *const *inputs);
/// Whether these inputs were sent ahead: then they are the run's.
bool takePrefetched(Context &context, Prepared &p, const void *const *inputs, Result &result);
void forgetPrefetched(Context &context, const Prepared &p);
/// Says of each piece whether it goes through pinned memory; whether one does.
bool sortPieces(const Context &context, Array<Piece> &pieces, const void *const *hosts);
/// Copies the inputs to the device; begins to copy the outputs to the caller and waits for them; `status` is the status word.
Result uploadInputs(Context &context, Prepared &p, const void *const *inputs);
Result downloadOutputs(Context &context, Prepared &p, void *const *outputs, uint32_t &status);

} // namespace tenon::rt::cuda
