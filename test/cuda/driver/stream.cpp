// Streams, events and copies. Work is done when somebody waits for it, and no other work with it: what was not waited for has not happened.
#include "driver.h"
#include <cstring>
#include <ctime>

namespace fake {

Stream *streamOf(Stream *stream) {
  static std::map<int, Stream *> defaults;
  if (stream)
    return stream;
  Stream *&found = defaults[currentDevice()];
  if (!found)
    driver().streams.push_back(found = new Stream{currentDevice(), {}});
  return found;
}

Result drain(Stream &stream, const std::function<bool()> &done) {
  Driver &d = driver();
  Access access;
  while (!stream.queue.empty() && !d.lost && !(done && done())) {
    auto work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (Result result = work())
      d.lost = result;
  }
  return d.lost;
}

Result drainDevice(int device) {
  if (device == currentDevice())
    drain(*streamOf(nullptr));
  for (Stream *stream : driver().streams)
    if (stream->device == device)
      drain(*stream);
  return driver().lost;
}

static uint64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1000000000u + uint64_t(t.tv_nsec);
}

static Result reach(Event &event, uint64_t times) {
  return event.reached >= times || !event.stream ? driver().lost : drain(*event.stream, [&] { return event.reached >= times; });
}
} // namespace fake

using namespace fake;

API cuStreamCreate(Stream **stream, unsigned) {
  ENTER_CONTEXT
  d.streams.push_back(*stream = new Stream{device, {}});
  return success;
}
API cuStreamDestroy_v2(Stream *stream) {
  Driver &d = driver();
  std::lock_guard lock(d.mutex);
  if (!d.lost)
    drain(*stream);
  std::erase(d.streams, stream);
  delete stream;
  return d.lost;
}
API cuStreamSynchronize(Stream *stream) {
  ENTER_CONTEXT
  stream = streamOf(stream);
  ++d.counts.synchronizations;
  log("wait\n");
  return dropped("cuStreamSynchronize") ? success : drain(*stream);
}
API cuStreamWaitEvent(Stream *stream, Event *event, unsigned) {
  ENTER_CONTEXT
  if (uint64_t times = event->recorded; times && !dropped("cuStreamWaitEvent"))
    stream->queue.push_back([=] { return reach(*event, times); });
  return success;
}
API cuEventCreate(Event **event, unsigned) {
  ENTER_CONTEXT
  *event = new Event;
  return success;
}
API cuEventDestroy_v2(Event *event) {
  Driver &d = driver();
  std::lock_guard lock(d.mutex);
  if (!d.lost)
    reach(*event, event->recorded);
  for (Stream *stream : d.streams) // nobody may be left that knows it
    if (!d.lost)
      drain(*stream);
  delete event;
  return d.lost;
}
API cuEventRecord(Event *event, Stream *stream) {
  ENTER_CONTEXT
  event->stream = stream, ++event->recorded;
  stream->queue.push_back([event] {
    ++event->reached, event->nanoseconds = now();
    return success;
  });
  return success;
}
API cuEventSynchronize(Event *event) {
  ENTER_CONTEXT
  ++d.counts.synchronizations;
  return dropped("cuEventSynchronize") ? success : reach(*event, event->recorded);
}
API cuEventElapsedTime(float *milliseconds, Event *begin, Event *end) {
  ENTER_CONTEXT
  if (begin->reached < begin->recorded || end->reached < end->recorded)
    return notReady;
  *milliseconds = float(end->nanoseconds - begin->nanoseconds) * 1e-6f;
  return success;
}

static Result move(void *to, const void *from, size_t bytes) {
  Access access;
  std::memcpy(to, from, bytes);
  return success;
}
static void *pointer(Address address) { return reinterpret_cast<void *>(address); }

API cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, Stream *stream) {
  ENTER_CONTEXT
  stream = streamOf(stream);
  if (!findDevice(to, bytes) || findDevice(reinterpret_cast<Address>(from), 0))
    return invalidValue;
  ++d.counts.copies;
  if (!setting("EXECUTE", 1)) // not the host's time
    return success;
  if (isPinned(from, bytes)) // read when it is done
    stream->queue.push_back([=] { return move(pointer(to), from, bytes); });
  else // read now
    stream->queue.push_back([to, data = std::string(static_cast<const char *>(from), bytes)] { return move(pointer(to), data.data(), data.size()); });
  return success;
}
API cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, Stream *stream) {
  ENTER_CONTEXT
  stream = streamOf(stream);
  if (!findDevice(from, bytes) || findDevice(reinterpret_cast<Address>(to), 0))
    return invalidValue;
  ++d.counts.copies;
  stream->queue.push_back([=] { return move(to, pointer(from), bytes); });
  return isPinned(to, bytes) ? success : drain(*stream);
}
API cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, Stream *stream) {
  ENTER_CONTEXT
  stream = streamOf(stream);
  if (!findDevice(from, bytes) || !findDevice(to, bytes))
    return invalidValue;
  ++d.counts.copies;
  stream->queue.push_back([=] { return move(pointer(to), pointer(from), bytes); });
  return success;
}
// These two do not wait for streams made with CU_STREAM_NON_BLOCKING, and all ours are. From pageable memory the bytes have been read when the first comes back,
// but they have not arrived; it is the default stream's work.
API cuMemcpyHtoD_v2(Address to, const void *from, size_t bytes) {
  std::lock_guard lock(driver().mutex);
  int result = cuMemcpyHtoDAsync_v2(to, from, bytes, nullptr);
  return result || !isPinned(from, bytes) ? result : drain(*streamOf(nullptr));
}
API cuMemcpyDtoH_v2(void *to, Address from, size_t bytes) {
  ENTER_CONTEXT
  if (!findDevice(from, bytes) || findDevice(reinterpret_cast<Address>(to), 0))
    return invalidValue;
  ++d.counts.copies;
  Result before = drain(*streamOf(nullptr));
  return before ? before : move(to, pointer(from), bytes);
}
API cuMemsetD8Async(Address to, unsigned char value, size_t bytes, Stream *stream) {
  ENTER_CONTEXT
  stream = streamOf(stream);
  if (!findDevice(to, bytes))
    return invalidValue;
  stream->queue.push_back([=] {
    std::memset(pointer(to), value, bytes);
    return success;
  });
  return success;
}
