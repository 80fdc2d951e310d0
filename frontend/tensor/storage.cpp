// Blocks of memory go round: a training step frees and asks for the same sizes again and again.
#include "frontend/tensor/storage.h"
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace tenon::detail {
namespace {

constexpr size_t keep_at_most = size_t(256) << 20;

struct Pool {
  std::mutex mutex;
  std::unordered_map<size_t, std::vector<void *>> free;
  size_t kept = 0;
};
// Never destroyed: tensors of static lifetime give their memory back after it would be gone.
Pool &pool() {
  static auto *p = new Pool;
  return *p;
}
size_t rounded(size_t bytes) { return bytes < 64 ? 64 : (bytes + 63) / 64 * 64; }

} // namespace

Storage::Storage(size_t size) : data(nullptr), bytes(size) {
  auto block = rounded(size);
  {
    std::lock_guard lock(pool().mutex);
    auto found = pool().free.find(block);
    if (found != pool().free.end() && !found->second.empty()) {
      data = found->second.back();
      found->second.pop_back();
      pool().kept -= block;
    }
  }
  if (!data && !(data = std::aligned_alloc(64, block)))
    throw std::bad_alloc();
}

Storage::~Storage() {
  if (foreign)
    return;
  auto block = rounded(bytes);
  {
    std::lock_guard lock(pool().mutex);
    if (pool().kept + block <= keep_at_most) {
      pool().free[block].push_back(data);
      pool().kept += block;
      return;
    }
  }
  std::free(data);
}

} // namespace tenon::detail
