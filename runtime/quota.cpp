// The CPU quota of the control groups that this process is in (containers): fewer threads than cores may run at once.
#include "runtime/pool.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace tenon::rt {

/// The start of a small file; empty where it cannot be read.
static const char *readText(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
  if (file >= 0)
    close(file);
  text[length < 0 ? 0 : length] = 0;
  return text;
}

static uint32_t ceilOf(long long quota, long long period) { return quota <= 0 || period <= 0 ? 0 : uint32_t((quota + period - 1) / period); }

/// The quota of one group: "max 100000" or "150000 100000" (version 2), or two files (version 1).
static uint32_t quotaOf(const char *folder) {
  char path[1200], text[64];
  long long quota = 0, period = 0;
  snprintf(path, sizeof path, "%s/cpu.max", folder);
  if (sscanf(readText(path, text, sizeof text), "%lld %lld", &quota, &period) == 2)
    return ceilOf(quota, period);
  snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
  quota = atoll(readText(path, text, sizeof text));
  snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
  period = atoll(readText(path, text, sizeof text));
  return ceilOf(quota, period);
}

uint32_t quotaCores(const char *root) {
  char path[600], groups[4096];
  snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
  readText(path, groups, sizeof groups);
  uint32_t least = 0;
  char *rest = nullptr;
  for (char *line = strtok_r(groups, "\n", &rest); line; line = strtok_r(nullptr, "\n", &rest)) { // number:controllers:/path
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!group || strlen(group) > 500)
      continue;
    *controllers++ = 0, *group++ = 0;
    bool unified = !*controllers, cpu = false;
    for (char *name = controllers; name; name = strchr(name, ',')) {
      name += *name == ',';
      cpu |= !strncmp(name, "cpu", 3) && (!name[3] || name[3] == ',');
    }
    if (!unified && !cpu)
      continue;
    char folder[1100];
    for (char *end = group + strlen(group);; --end) { // the group and those around it
      if (*end && *end != '/')
        continue;
      *end = 0;
      snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s%s", root, unified ? "" : "/cpu", group);
      if (uint32_t cores = quotaOf(folder); cores && (!least || cores < least))
        least = cores;
      if (end == group)
        break;
    }
  }
  return least;
}

} // namespace tenon::rt
