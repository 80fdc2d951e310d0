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
    for (auto &[unused, blocks] : p.free)
      for (; !is_part(device, unused) && !blocks.empty(); blocks.pop_back(), p.kept -= unused)
        drop_block(device, blocks.back());
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

/// While a storage's numbers move; two threads may read one tensor.
std::mutex &moving() {
  static auto *m = new std::mutex;
  return *m;
}

} // namespace

Storage::Storage(size_t size) : bytes(size) {}

Storage::~Storage() {
  if (!foreign)
    release(0, host_, bytes);
  release(device_, gpu_, bytes);
}

void *Storage::allocate_on(DeviceNumber device) {
  auto &block = device ? gpu_ : host_;
  if (device && gpu_ && device_ != device) {
    release(device_, gpu_, bytes);
    gpu_ = nullptr;
  }
  if (!block)
    block = allocate(device, bytes);
  if (device)
    device_ = device;
  return block;
}

void *Storage::at(DeviceNumber device, Use use) {
  auto mine = device ? on_gpu : on_host;
  if (!device && fresh_ == on_host)
    return host_;
  std::lock_guard lock(moving());
  // Numbers on another GPU come by way of the host; so do those of memory that somebody holds a pointer to.
  bool elsewhere = device && gpu_ && device_ != device;
  if (use != Use::Replace && (elsewhere || exposed_) && fresh_ == on_gpu) {
    check(tenon_device_copy(0, allocate_on(0), device_, gpu_, bytes));
    fresh_ = on_host;
  }
  if (device && (elsewhere || exposed_))
    fresh_ = fresh_ & ~on_gpu;
  auto *block = allocate_on(device);
  if (use != Use::Replace && fresh_ && !(fresh_ & mine)) {
    check(device ? tenon_device_copy(device, gpu_, 0, host_, bytes) : tenon_device_copy(0, host_, device_, gpu_, bytes));
    fresh_ = fresh_ | mine;
  }
  if (use != Use::Read || !fresh_)
    fresh_ = mine;
  return block;
}

void Storage::written(DeviceNumber device) {
  if (!device)
    return;
  std::lock_guard lock(moving());
  if (exposed_) {
    check(tenon_device_copy(0, host_, device_, gpu_, bytes));
    fresh_ = on_host;
  } else if (host_ && fresh_ == on_gpu) {
    release(0, host_, bytes); // the numbers live on the GPU
    host_ = nullptr;
  }
}

StoragePtr Storage::copy() {
  auto to = make_storage(bytes);
  DeviceNumber where = on_the_host() || !fresh_ ? 0 : device_;
  auto *from = at(where, Use::Read);
  check(tenon_device_copy(where, to->at(where, Use::Replace), where, from, bytes));
  return to;
}

} // namespace tenon::detail
