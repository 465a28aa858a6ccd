/* Adds or deletes COUNT host routes through 10.0.0.2 as fast as one process can: many requests to a datagram, no
   acknowledgements. usage: routes add|delete COUNT */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct request {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr dst;
	unsigned destination;
	struct rtattr via;
	unsigned gateway;
	struct rtattr out;
	unsigned index;
};

enum { together = 128 };

int main(int argc, char **argv)
{
	int adding = argc > 1 && !strcmp(argv[1], "add");
	int count = argc > 2 ? atoi(argv[2]) : 100000;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static struct request batch[together];
	unsigned index = if_nametoindex("br0");

	for (int i = 0; i < count;) {
		int n = 0;
		for (; n < together && i < count; n++, i++)
			batch[n] = (struct request){
				.header = { sizeof(struct request), adding ? RTM_NEWROUTE : RTM_DELROUTE,
					    NLM_F_REQUEST | (adding ? NLM_F_CREATE | NLM_F_EXCL : 0), 0, 0 },
				.route = { AF_INET, 32, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0 },
				.dst = { 8, RTA_DST },
				.destination = htonl(0x14000000 + i),
				.via = { 8, RTA_GATEWAY },
				.gateway = htonl(0x0a000002),
				.out = { 8, RTA_OIF },
				.index = index,
			};
		if (sendto(fd, batch, n * sizeof *batch, 0, (void *)&kernel, sizeof kernel) < 0) {
			perror("sendto");
			return 1;
		}
	}
	return 0;
}
