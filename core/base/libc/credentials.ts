import { constants } from 'node:os';
import { check, declare, errno, SystemError } from './library.ts';

/** Who made the connection, as the kernel recorded it at connect(2). See unix(7). */
export interface Credentials {
  pid: number;
  uid: number;
  gid: number;
  /** Supplementary groups. Empty where the kernel cannot tell (before Linux 4.13). */
  groups: number[];
}

const getsockopt = declare<[number, number, number, Uint32Array, Uint32Array]>(
  'int getsockopt(int descriptor, int level, int name, void *value, void *length)',
);

/** asm-generic/socket.h; the same on x86, arm, arm64, riscv64 and loong64. */
const SOL_SOCKET = 1;
/** powerpc has numbers of its own below 22 (arch/powerpc/include/uapi/asm/socket.h). */
const SO_PEERCRED = process.arch === 'ppc64' ? 21 : 17;
const SO_PEERGROUPS = 59;

/** Reads the credentials of the peer of a connected Unix socket. Throws {@link SystemError}. */
export function peerCredentials(descriptor: number): Credentials {
  // struct ucred is three 32-bit words everywhere: pid, uid, gid. A typed array has the machine's byte order.
  const words = new Uint32Array(3);
  check(
    'getsockopt SO_PEERCRED',
    getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, words, new Uint32Array([words.byteLength])),
  );
  const [pid = 0, uid = 0, gid = 0] = words;
  return { pid, uid, gid, groups: peerGroups(descriptor) };
}

function peerGroups(descriptor: number): number[] {
  let groups = new Uint32Array(32);
  for (let attempt = 0; attempt < 2; attempt++) {
    const length = new Uint32Array([groups.byteLength]);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, length) >= 0) {
      return [...groups.subarray(0, length[0]! / groups.BYTES_PER_ELEMENT)];
    }
    const failure = errno();
    if (failure === constants.errno.ENOPROTOOPT || failure === constants.errno.ENODATA) return [];
    if (failure !== constants.errno.ERANGE) throw new SystemError('getsockopt SO_PEERGROUPS', failure);
    // Too small: the kernel has written the length that it needs. The groups of a peer never change afterwards.
    groups = new Uint32Array(length[0]! / groups.BYTES_PER_ELEMENT);
  }
  return [];
}
