// Graphs: nodes run in a random order of those that their edges allow, another one at each launch ($TENON_FAKE_CUDA_SEED).
#include "driver.h"
#include <memory>

namespace fake {
namespace {
struct Node {
  Call call;
  bool empty = false;
  size_t number = 0;
  std::vector<size_t> after; // who waits for it
  size_t before = 0;
};
struct Graph {
  std::vector<std::unique_ptr<Node>> nodes;
  int device = 0;
};

Result run(Graph &graph) {
  std::vector<size_t> left, ready;
  for (auto &node : graph.nodes) {
    left.push_back(node->before);
    if (!node->before)
      ready.push_back(node->number);
  }
  uint32_t &random = driver().random;
  while (!ready.empty()) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    std::swap(ready[random % ready.size()], ready.back());
    Node &node = *graph.nodes[ready.back()];
    ready.pop_back();
    if (!node.empty)
      if (Result result = runCall(node.call))
        return result;
    for (size_t next : node.after)
      if (--left[next] == 0)
        ready.push_back(next);
  }
  return success;
}

Result add(Node **node, Graph *graph, Node *const *dependencies, size_t count, std::unique_ptr<Node> made) {
  made->number = graph->nodes.size();
  for (size_t i = 0; i < count; ++i)
    if (!dropped("edge"))
      dependencies[i]->after.push_back(made->number), ++made->before;
  *node = made.get();
  graph->nodes.push_back(std::move(made));
  return success;
}
} // namespace
} // namespace fake

using namespace fake;

struct KernelNode {
  Function *function;
  unsigned grid[3], block[3], shared;
  void **parameters, **extra;
  void *kernel, *context;
};

API cuGraphCreate(Graph **graph, unsigned) {
  ENTER_CONTEXT
  *graph = new Graph;
  (*graph)->device = device;
  return success;
}
API cuGraphAddKernelNode_v2(Node **node, Graph *graph, Node *const *dependencies, size_t count, const KernelNode *k) {
  ENTER_CONTEXT
  auto made = std::make_unique<Node>();
  if (Result result = makeCall(k->function, k->grid, k->block, k->shared, k->parameters, made->call))
    return result;
  return add(node, graph, dependencies, count, std::move(made));
}
API cuGraphAddEmptyNode(Node **node, Graph *graph, Node *const *dependencies, size_t count) {
  ENTER_CONTEXT
  auto made = std::make_unique<Node>();
  made->empty = true;
  return add(node, graph, dependencies, count, std::move(made));
}
API cuGraphInstantiateWithFlags(Graph **executable, Graph *graph, unsigned long long) {
  ENTER_CONTEXT
  auto made = new Graph;
  made->device = graph->device;
  for (auto &node : graph->nodes)
    made->nodes.push_back(std::make_unique<Node>(*node));
  ++d.counts.graphs;
  size_t edges = 0;
  for (auto &node : made->nodes)
    edges += node->after.size();
  log("graph of %zu nodes, %zu edges\n", made->nodes.size(), edges);
  *executable = made;
  return success;
}
API cuGraphLaunch(Graph *executable, Stream *stream) {
  ENTER_CONTEXT
  if (executable->device != device || stream->device != device)
    return invalidHandle;
  ++d.counts.graphLaunches;
  log("graph launch\n");
  stream->queue.push_back([executable] { return run(*executable); });
  return success;
}
API cuGraphDestroy(Graph *graph) {
  delete graph; // executable ones are copies
  return driver().lost;
}
API cuGraphExecDestroy(Graph *graph) {
  std::lock_guard lock(driver().mutex);
  if (!driver().lost)
    drainDevice(graph->device);
  delete graph;
  return driver().lost;
}
