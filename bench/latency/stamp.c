/* The hook: appends the monotonic clock, in nanoseconds, as its first act. Compiled with -DSTAMPS="path". */
#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t stamp = now.tv_sec * 1000000000LL + now.tv_nsec;
  int fd = open(STAMPS, O_WRONLY | O_APPEND);
  return write(fd, &stamp, sizeof stamp) == sizeof stamp ? 0 : 1;
}
