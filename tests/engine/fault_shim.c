/* Preloaded into the program by a test: the n-th call that writes, syncs, renames or closes fails as on a full disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(void) {
  static int calls = 0;
  const char* at = getenv("ENGRAM_FAIL_AT");
  if (!at || ++calls != atoi(at)) return 0;
  dprintf(2, "injected fault\n");
  errno = ENOSPC;
  return 1;
}

ssize_t pwrite(int file, const void* data, size_t bytes, off_t offset) {
  ssize_t (*real)(int, const void*, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  return fails() ? -1 : real(file, data, bytes, offset);
}
ssize_t pwrite64(int file, const void* data, size_t bytes, off_t offset) { return pwrite(file, data, bytes, offset); }

int fsync(int file) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  return fails() ? -1 : real(file);
}

int rename(const char* from, const char* to) {
  int (*real)(const char*, const char*) = dlsym(RTLD_NEXT, "rename");
  return fails() ? -1 : real(from, to);
}

int close(int file) {
  int (*real)(int) = dlsym(RTLD_NEXT, "close");
  const int result = real(file); /* a failed close has closed nevertheless */
  return fails() ? -1 : result;
}
