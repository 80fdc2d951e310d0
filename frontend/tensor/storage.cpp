// Blocks of memory go round: a training step frees and asks for the same sizes again and again.
#include "frontend/tensor/storage.h"
#include "frontend/tensor/types.h"
#include "runtime/tenon.h"
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace tenon::detail {
namespace {

void check(tenon_status status) {
  if (status != TENON_OK)
    throw Error(tenon_last_error());
}

/// Blocks of one device that nobody uses.
struct Pool {
  std::mutex mutex;
  std::map<size_t, std::vector<void *>> free;
  size_t kept = 0;
};
// Never destroyed: tensors of static lifetime give their memory back after it would be gone.
Pool &pool(DeviceNumber device) {
  static auto *host = new Pool;
  static auto *mutex = new std::mutex;
  static auto *gpus = new std::map<DeviceNumber, Pool>;
  if (!device)
    return *host;
  std::lock_guard lock(*mutex);
  return (*gpus)[device];
}
// A GPU's memory is given back when it runs short: to allocate there takes long.
size_t keep_at_most(DeviceNumber device) { return device ? SIZE_MAX : size_t(256) << 20; }
// A driver takes long to allocate: small blocks of a GPU are parts of a slab, which is kept.
constexpr size_t slab = size_t(2) << 20;
bool is_part(DeviceNumber device, size_t block) { return device && block <= slab / 2; }
size_t rounded(DeviceNumber device, size_t bytes) {
  auto block = bytes < 64 ? 64 : (bytes + 63) / 64 * 64;
  return is_part(device, block) ? std::bit_ceil(std::max<size_t>(block, 256)) : block;
}

tenon_status make_block(Pool &p, DeviceNumber device, size_t size, void *&block) {
  if (is_part(device, size)) {
    auto status = tenon_device_allocate(device, slab, &block);
    for (size_t at = size; status == TENON_OK && at < slab; at += size, p.kept += size)
      p.free[size].push_back(static_cast<char *>(block) + at);
    return status;
  }
  if (device)
    return tenon_device_allocate(device, size, &block);
  block = std::aligned_alloc(64, size);
  return block ? TENON_OK : TENON_ERROR_MEMORY;
}
void drop_block(DeviceNumber device, void *block) {
  if (device)
    tenon_device_release(device, block);
  else
    std::free(block);
}

void empty(Pool &p, DeviceNumber device) {
  for (auto &[unused, blocks] : p.free)
    for (; !is_part(device, unused) && !blocks.empty(); blocks.pop_back(), p.kept -= unused)
      drop_block(device, blocks.back());
}

void *allocate(DeviceNumber device, size_t bytes) {
  auto size = rounded(device, bytes);
  auto &p = pool(device);
  std::lock_guard lock(p.mutex);
  if (auto found = p.free.find(size); found != p.free.end() && !found->second.empty()) {
    auto *block = found->second.back();
    found->second.pop_back();
    p.kept -= size;
    return block;
  }
  void *block = nullptr;
  auto status = make_block(p, device, size, block);
  if (status == TENON_ERROR_MEMORY && p.kept) {
    empty(p, device);
    status = make_block(p, device, size, block);
  }
  if (status != TENON_OK && !device)
    throw std::bad_alloc();
  check(status);
  return block;
}

void release(DeviceNumber device, void *block, size_t bytes) {
  if (!block)
    return;
  auto size = rounded(device, bytes);
  auto &p = pool(device);
  std::lock_guard lock(p.mutex);
  if (p.kept + size > keep_at_most(device)) {
    drop_block(device, block);
    return;
  }
  p.free[size].push_back(block);
  p.kept += size;
}

} // namespace

void give_back(DeviceNumber device) {
  auto &p = pool(device);
  std::lock_guard lock(p.mutex);
  empty(p, device);
}

Storage::~Storage() {
  if (!foreign)
    release(0, host_, bytes);
  for (auto &gpu : gpus_)
    release(gpu.device, gpu.memory, bytes);
}

Storage::Copy &Storage::on(DeviceNumber device) {
  for (auto &gpu : gpus_)
    if (gpu.device == device)
      return gpu;
  return gpus_.emplace_back(device, allocate(device, bytes), false);
}

void Storage::stale() {
  for (auto &gpu : gpus_)
    gpu.fresh = false;
  on_gpu_ = false;
}

void *Storage::to_host() {
  if (!host_)
    host_ = allocate(0, bytes);
  for (auto &gpu : gpus_)
    if (gpu.fresh && !on_host_) {
      check(tenon_device_copy(0, host_, gpu.device, gpu.memory, bytes));
      on_host_ = true;
    }
  return host_;
}

void *Storage::at(DeviceNumber device, Use use) {
  if (!device && on_host_ && (use == Use::Read || !on_gpu_))
    return host_;
  std::lock_guard lock(mutex_);
  if (!device) {
    if (use != Use::Replace)
      to_host();
    else if (!host_)
      host_ = allocate(0, bytes);
    if (use != Use::Read)
      stale();
    if (use != Use::Read || !on_gpu_)
      on_host_ = true;
    return host_;
  }
  auto &mine = on(device);
  if (exposed_ && (on_host_ || on_gpu_)) {
    to_host();
    stale();
  }
  if (use != Use::Replace && !mine.fresh && (on_host_ || on_gpu_)) // of another GPU by way of the host
    check(tenon_device_copy(device, mine.memory, 0, to_host(), bytes));
  if (use != Use::Read) {
    stale();
    on_host_ = false;
  }
  mine.fresh = on_gpu_ = true;
  return mine.memory;
}

void Storage::written(DeviceNumber device) {
  if (!device)
    return;
  std::lock_guard lock(mutex_);
  on_host_ = false; // somebody may have read it meanwhile
  if (exposed_) {
    to_host();
    stale();
  } else {
    release(0, host_, bytes); // the numbers live on the GPU
    host_ = nullptr;
  }
}

StoragePtr Storage::copy_to(DeviceNumber device) {
  auto to = make_storage(bytes);
  auto *memory = to->at(device, Use::Replace);
  auto source = device; // straight from there, or by way of the host
  {
    std::lock_guard lock(mutex_);
    if (std::none_of(gpus_.begin(), gpus_.end(), [&](auto &gpu) { return gpu.device == device && gpu.fresh; }))
      source = 0;
  }
  check(tenon_device_copy(device, memory, source, at(source, Use::Read), bytes));
  return to;
}

StoragePtr Storage::copy() {
  DeviceNumber where = 0;
  {
    std::lock_guard lock(mutex_);
    for (auto &gpu : gpus_)
      where = gpu.fresh && !exposed_ ? gpu.device : where;
  }
  return copy_to(where);
}

} // namespace tenon::detail
