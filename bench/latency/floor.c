/* The floor: a netlink socket, and posix_spawn of the hook (second argument) when the link (first) has come up. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int index = if_nametoindex(argv[1]);
  int up = 0;
  static char buffer[65536];
  char *environment[] = {"PATH=/usr/bin:/bin", 0};
  char *arguments[] = {argv[2], "link.up", 0};
  if (argc != 3 || index == 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return 1;
  for (;;) {
    int length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0) return 1;
    for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      struct ifinfomsg *link = NLMSG_DATA(h);
      if (h->nlmsg_type != RTM_NEWLINK || link->ifi_index != index) continue;
      int now = (link->ifi_flags & IFF_UP) != 0;
      if (now && !up) {
        pid_t pid;
        if (posix_spawn(&pid, argv[2], 0, 0, arguments, environment) == 0) waitpid(pid, 0, 0);
      }
      up = now;
    }
  }
}
