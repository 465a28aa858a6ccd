/* The floor: receives IPv4 route notifications with recvmmsg until standard input closes and nothing is left.
   usage: receiver BYTES. Prints: messages overruns cpu-seconds */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { slots = 64, size = 8192 };
static char memory[slots][size];

int main(int argc, char **argv)
{
	int bytes = argc > 1 ? atoi(argv[1]) : 1 << 20, group = RTNLGRP_IPV4_ROUTE, ending = 0;
	long messages = 0, overruns = 0;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct mmsghdr headers[slots];
	struct iovec vectors[slots];
	struct rusage used;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
	bind(fd, (void *)&address, sizeof address);
	setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
	memset(headers, 0, sizeof headers);
	for (int i = 0; i < slots; i++) {
		vectors[i] = (struct iovec){ memory[i], size };
		headers[i].msg_hdr.msg_iov = &vectors[i];
		headers[i].msg_hdr.msg_iovlen = 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd wait[2] = { { fd, POLLIN, 0 }, { ending ? -1 : 0, POLLIN, 0 } };
		if (poll(wait, 2, ending ? 300 : -1) == 0)
			break;
		if (wait[1].revents)
			ending = 1;
		for (;;) {
			int count = recvmmsg(fd, headers, slots, MSG_DONTWAIT, NULL);
			if (count < 0 && errno == ENOBUFS) {
				overruns++;
				continue;
			}
			if (count <= 0)
				break;
			messages += count;
		}
	}
	getrusage(RUSAGE_SELF, &used);
	printf("%ld %ld %.3f\n", messages, overruns,
	       used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	return 0;
}
