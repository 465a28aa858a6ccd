/* For each byte on standard input: sets the link down, or (u) up, and writes the clock of just before it. */
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  char way;
  if (argc != 2) return 2;
  strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
  while (read(0, &way, 1) == 1) {
    struct timespec now;
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) return 1;
    request.ifr_flags = way == 'u' ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) return 1;
    int64_t stamp = now.tv_sec * 1000000000LL + now.tv_nsec;
    if (write(1, &stamp, sizeof stamp) != sizeof stamp) return 1;
  }
  return 0;
}
