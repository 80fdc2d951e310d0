// Addresses for a state, and the graph of a function: captured once, replayed until the state or the sizes change.
#include "runtime/cuda/context.h"
#include "runtime/cuda/state.h"
#include "runtime/cuda/walk.h"

namespace tenon::rt::cuda {

// Kernels that the commands become; more than `mostNodes` where they cannot be a graph: too many, or the host has to decide.
static uint64_t countNodes(const Prepared &p, uint32_t begin, uint32_t end) {
  uint64_t nodes = 0;
  for (uint32_t i = begin; i < end && nodes <= mostNodes; ++i) {
    const tenon_command &c = p.function->commands[i];
    if (c.kind == TENON_COMMAND_BRANCH || (c.kind == TENON_COMMAND_LOOP && c.first != TENON_NO_ARGUMENT))
      return mostNodes + 1;
    if (c.kind == TENON_COMMAND_LOOP) {
      int64_t passes = 0;
      evaluate(c.bytes, &p.sizes, passes);
      uint64_t inside = passes ? countNodes(p, i + 1, i + 1 + c.count) : 0;
      if (inside && uint64_t(passes) > mostNodes / inside)
        return mostNodes + 1;
      nodes += inside * passes;
      i += c.count;
    } else
      nodes += c.kind == TENON_COMMAND_LAUNCH ? c.count + 1 : 1; // and what joins them
  }
  return nodes;
}

namespace {
// Each group of kernels waits for all of the group before it.
struct GraphSink {
  const Driver &driver;
  Graph *graph = nullptr;
  Array<Node *> before, now;
  uint32_t n_before = 0, n_now = 0;
  uint64_t nodes = 0;

  ~GraphSink() {
    if (graph)
      driver.graphDestroy(graph);
  }
  Result begin() { return n_now = 0, 0; }
  Result kernel(const Kernel &k, uint32_t) {
    if (n_before > 1 && n_now == 1) { // several before several: one node between
      Node *join;
      if (Result r = driver.graphEmpty(&join, graph, before.data(), n_before))
        return r;
      before[0] = join, n_before = 1;
    }
    KernelNode node = {k.function, k.blocks, 1, 1, k.threads, 1, 1, 0, k.parameters, nullptr, nullptr, nullptr};
    ++nodes;
    return driver.graphKernel(&now[n_now++], graph, before.data(), n_before, &node);
  }
  Result end() {
    if (!n_now)
      return 0;
    for (uint32_t i = 0; i < n_now; ++i)
      before[i] = now[i];
    n_before = n_now;
    return 0;
  }
  Result flag(Address, bool &, bool &) { return 1; } // such functions are no graphs
};
} // namespace

static tenon_status buildGraph(Context &c, Prepared &p) {
  const Driver &driver = *c.device->driver;
  if (p.graph)
    TENON_CUDA(driver, "a graph cannot be given back", executableDestroy(p.graph));
  p.graph = nullptr;
  p.replayed = !c.profile && countNodes(p, 0, p.function->n_commands) <= mostNodes;
  if (!p.replayed)
    return TENON_OK;
  GraphSink sink{driver};
  if (!sink.before.allocate(p.function->n_calls + 1) || !sink.now.allocate(p.function->n_calls + 1))
    return outOfMemory();
  TENON_CUDA(driver, "a graph cannot be made", graphCreate(&sink.graph, 0));
  if (Result result = Walker<GraphSink>(c, p, sink).walk())
    return failed(driver, "a kernel cannot be added to the graph", result);
  TENON_CUDA(driver, "the graph cannot be made ready", graphInstantiate(&p.graph, sink.graph, 0));
  p.nodes = sink.nodes;
  return TENON_OK;
}

static tenon_status checkState(const Context &c, const Prepared &p, const tenon_state *state) {
  bool uses = false;
  for (uint32_t i = 0; i < p.function->n_arguments; ++i)
    uses |= p.function->arguments[i].space == TENON_SPACE_STATE;
  if (!state)
    return uses ? fail(TENON_ERROR_ARGUMENT, "%s: it uses state, and the state is NULL", p.function->name) : TENON_OK;
  if (state->model != c.model)
    return fail(TENON_ERROR_ARGUMENT, "%s: the state belongs to another model than the context", p.function->name);
  if (!state->gpu)
    return fail(TENON_ERROR_ARGUMENT, "%s: the context is on GPU %d, the state on the CPU: make it by tenon_state_create_on", p.function->name, c.device->ordinal);
  if (state->gpu->device != c.device)
    return fail(TENON_ERROR_ARGUMENT, "%s: the context is on GPU %d, the state on GPU %d", p.function->name, c.device->ordinal, state->gpu->device->ordinal);
  return state->lost ? lostState(*state->gpu) : TENON_OK;
}

tenon_status capture(Context &c, Prepared &p, const tenon_state *state) {
  if (p.memoryVersion == c.memoryVersion && state && p.stateVersion == state->version && !state->lost)
    return TENON_OK;
  TENON_TRY(checkState(c, p, state));
  uint64_t version = state ? state->version : UINT64_MAX;
  if (p.memoryVersion == c.memoryVersion && p.stateVersion == version)
    return TENON_OK;
  // It may have been given back for a larger one, which the driver refused.
  if (p.inputBytes > c.inputRoom || p.outputBytes > c.outputRoom || p.arenaBytes > c.arenaRoom || !c.memory.bytes())
    TENON_TRY(prepare(c, p));
  p.memoryVersion = 0;
  const tenon_function &f = *p.function;
  for (uint32_t i = 0; i < f.n_arguments; ++i) {
    const tenon_argument &a = f.arguments[i];
    int64_t offset = 0;
    evaluate(a.offset, &p.sizes, offset);
    Address base = 0;
    switch (a.space) {
    case TENON_SPACE_INPUT:
      base = c.inputs() + p.inputs[a.index].offset;
      break;
    case TENON_SPACE_OUTPUT:
      base = c.outputs() + p.outputs[a.index].offset;
      break;
    case TENON_SPACE_STATE:
      base = reinterpret_cast<Address>(state->at(a.index));
      break;
    case TENON_SPACE_ARENA:
      base = c.arena();
      break;
    case TENON_SPACE_CONSTANT:
      base = c.loaded->constants[a.index];
    }
    p.arguments[i] = base + Address(offset);
  }
  TENON_TRY(buildGraph(c, p));
  p.memoryVersion = c.memoryVersion, p.stateVersion = version;
  return TENON_OK;
}

} // namespace tenon::rt::cuda
