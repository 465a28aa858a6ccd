/**
 * The least that a Node program does from the kernel to a hook: it waits in the event loop, receives, looks at two
 * numbers of the message, and calls posix_spawn(3). Nothing is decoded, published, selected, checked or recorded.
 * usage: least.ts LINK HOOK [VARIABLES]: the hook gets so many, as those of netconfd's scripts that tell of a link.
 */
import { linkIndex } from '../../core/base/libc/links.ts';
import { spawnProcess, waitProcess } from '../../core/base/libc/process.ts';
import { Readable } from '../../core/base/libc/readable.ts';
import { openNetlink, Receiver, setOption } from '../../core/base/libc/socket.ts';

/** linux/netlink.h, linux/rtnetlink.h, linux/if.h */
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const RTNLGRP_LINK = 1;
const RTM_NEWLINK = 16;
const IFF_UP = 1;

const [link, hook, variables] = process.argv.slice(2) as [string, string, string?];
const index = linkIndex(link);
const fd = openNetlink(NETLINK_ROUTE);
setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK);
const receiver = new Receiver(4, 16 * 1024);
const request = {
  path: Buffer.from(`${hook}\0`),
  argv: [Buffer.from(`${hook}\0`), Buffer.from('link.up\0')],
  environment: [
    'PATH=/usr/bin:/bin',
    ...Array.from(
      { length: Number(variables ?? 0) },
      (_, i) => `NETCONF_OLD_NAME_OF_VARIABLE_${i}=value ${i}`,
    ),
  ],
  stdio: [0, 1, 2],
  isolation: 'group',
} as const;
let wasUp = false;

new Readable(fd, () => {
  const count = receiver.receive(fd);
  for (let i = 0; i < count; i++) {
    // struct nlmsghdr: length, type; struct ifinfomsg behind it: index at 4, flags at 8.
    const at = i * receiver.size;
    if (receiver.halves[at / 2 + 2] !== RTM_NEWLINK || receiver.words[at / 4 + 5] !== index) continue;
    const isUp = (receiver.words[at / 4 + 6]! & IFF_UP) !== 0;
    if (isUp && !wasUp) {
      const pid = spawnProcess(request);
      setTimeout(() => waitProcess(pid), 5);
    }
    wasUp = isUp;
  }
});
setInterval(() => undefined, 1 << 30);
process.stdout.write('ready\n');
