/* Preloaded into the program by a test, so that runs break off at the same place on every machine:
   ENGRAM_FAIL_AT=n              the n-th call that writes, syncs, renames or closes what was written fails as on a full
   disk ENGRAM_KILL_AT=n              the n-th such call does not return: kill -9 ENGRAM_FAIL_READ="word:n"     of files
   whose path contains the word, reads give few bytes and the n-th fails ENGRAM_SIGNALS="word:n:s ..." after the n-th
   rename to a path that contains the word, signal s */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(void) {
  static int calls = 0;
  const char *fail_at = getenv("ENGRAM_FAIL_AT"), *kill_at = getenv("ENGRAM_KILL_AT");
  ++calls;
  if (kill_at && calls == atoi(kill_at)) raise(SIGKILL);
  if (!fail_at || calls != atoi(fail_at)) return 0;
  dprintf(2, "injected fault\n");
  errno = ENOSPC;
  return 1;
}

static void signal_after_rename(const char* to) {
  static int seen[8];
  const char* at = getenv("ENGRAM_SIGNALS");
  for (int i = 0; at && i < 8; ++i) {
    char word[64];
    int wanted = 0, signal = 0, length = 0;
    if (sscanf(at, " %63[^:]:%d:%d%n", word, &wanted, &signal, &length) != 3) return;
    if (strstr(to, word) && ++seen[i] == wanted) raise(signal);
    at += length;
  }
}

/* How many bytes a read of this file may give; -1: it fails. */
static ssize_t allowed(int file, size_t bytes) {
  static int reads = 0;
  const char* at = getenv("ENGRAM_FAIL_READ");
  char word[64], link[64], path[4096];
  int wanted = 0;
  if (!at || sscanf(at, "%63[^:]:%d", word, &wanted) != 2) return (ssize_t)bytes;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return (ssize_t)bytes;
  path[length] = 0;
  if (!strstr(path, word)) return (ssize_t)bytes;
  if (++reads == wanted) {
    errno = EIO;
    return -1;
  }
  return bytes < 4096 ? (ssize_t)bytes : 4096;
}

ssize_t read(int file, void* data, size_t bytes) {
  ssize_t (*real)(int, void*, size_t) = dlsym(RTLD_NEXT, "read");
  const ssize_t most = allowed(file, bytes);
  return most < 0 ? -1 : real(file, data, (size_t)most);
}

ssize_t pread(int file, void* data, size_t bytes, off_t offset) {
  ssize_t (*real)(int, void*, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
  const ssize_t most = allowed(file, bytes);
  return most < 0 ? -1 : real(file, data, (size_t)most, offset);
}
ssize_t pread64(int file, void* data, size_t bytes, off_t offset) { return pread(file, data, bytes, offset); }

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
  if (fails()) return -1;
  const int result = real(from, to);
  signal_after_rename(to);
  return result;
}

int close(int file) {
  int (*real)(int) = dlsym(RTLD_NEXT, "close");
  const int writes = (fcntl(file, F_GETFL) & O_ACCMODE) != O_RDONLY;
  const int result = real(file); /* a failed close has closed nevertheless */
  return writes && fails() ? -1 : result;
}
