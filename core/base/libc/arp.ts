import { endianness } from 'node:os';
import type { Undo } from '../undo.ts';
import koffi from './koffi.ts';
import { check, declare } from './library.ts';
import { Readable } from './readable.ts';
import { closeSocket, SO_RCVBUF, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET, setOption } from './socket.ts';

/** linux/socket.h, linux/if_ether.h, asm-generic/socket.h */
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const ETH_P_ARP = 0x0806;
const SO_ATTACH_FILTER = 26;
const MSG_DONTWAIT = 0x40;

/** linux/bpf_common.h: load a word, half a word, compare with a number, answer. */
const BPF_LD_W_ABS = 0x20;
const BPF_LD_H_ABS = 0x28;
const BPF_JEQ_K = 0x15;
const BPF_RET_K = 0x06;

/** RFC 826 for Ethernet and IPv4: where the sender's two addresses are. */
const senderHardware = 8;
const senderAddress = 14;
const packetBytes = 28;

const libcSocket = declare<[number, number, number]>('int socket(int domain, int type, int protocol)');
const libcBind = declare<[number, Uint8Array, number]>(
  'int bind(int fd, const void *address, uint32_t length)',
);
const libcSetsockopt = declare<[number, number, number, Uint8Array, number]>(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
);
const libcRecv = declare<[number, Buffer, number, number], number | bigint>(
  'long recv(int fd, _Out_ void *bytes, size_t length, int flags)',
);

export interface ArpWatch {
  ifindex: number;
  /** IPv4, in octets. */
  address: readonly number[];
  /** Our own, in octets: who else says that it has the address is told of. */
  hardware: readonly number[];
  /** Milliseconds between two that are told of. */
  pause: number;
}

/**
 * Tells when another machine on a link says, in an ARP packet of whatever kind, that it has an address (RFC 5227, section
 * 2.4). The kernel's filter drops all other packets before anybody is woken, so this costs nothing while all is well; of
 * those that come soon after one that was told of, the last is told when the pause is over. Throws SystemError, without
 * CAP_NET_RAW `EPERM`. The undo ends it.
 *
 * @param told with the other's hardware address, `02:00:…`
 */
export function watchArp(watch: ArpWatch, told: (hardware: string) => void): Undo {
  const fd = check('socket', libcSocket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  let timer: NodeJS.Timeout | undefined;
  let readable: Readable | undefined;
  const close = () => {
    clearTimeout(timer);
    readable?.close();
    closeSocket(fd);
  };
  const look = () => {
    const found = drain(fd);
    if (found === undefined) return;
    readable?.pause();
    timer = setTimeout(() => readable?.resume(), watch.pause).unref();
    told(found);
  };
  try {
    if (!setOption(fd, SOL_SOCKET, SO_RCVBUF, 4096)) check('setsockopt SO_RCVBUF', -1);
    // Before it is bound, so that nothing comes that the filter has not seen.
    attachFilter(fd, filterFor(watch));
    const address = addressOf(watch.ifindex);
    check('bind', libcBind(fd, address, address.length));
    readable = new Readable(fd, look);
    return close;
  } catch (error) {
    close();
    throw error;
  }
}

const packet = Buffer.alloc(packetBytes);
/** Of a queue that is as short as the kernel makes one. */
const mostPackets = 64;

/** The hardware address of the latest packet's sender; undefined where there was none. */
function drain(fd: number): string | undefined {
  let found: string | undefined;
  for (let count = 0; count < mostPackets; count++) {
    const length = Number(libcRecv(fd, packet, packetBytes, MSG_DONTWAIT));
    if (length < 0) break;
    if (length < packetBytes) continue;
    const hardware = packet.subarray(senderHardware, senderHardware + 6);
    found = hardware.toString('hex').replaceAll(/..(?=.)/g, '$&:');
  }
  return found;
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Accepts what comes from the address and not from our hardware. */
function filterFor({ address, hardware }: ArpWatch): Instruction[] {
  const own = Buffer.from(hardware);
  return [
    [BPF_LD_W_ABS, 0, 0, senderAddress],
    [BPF_JEQ_K, 0, 5, Buffer.from(address).readUInt32BE(0)],
    [BPF_LD_W_ABS, 0, 0, senderHardware],
    [BPF_JEQ_K, 0, 2, own.readUInt32BE(0)],
    [BPF_LD_H_ABS, 0, 0, senderHardware + 4],
    [BPF_JEQ_K, 1, 0, own.readUInt16BE(4)],
    [BPF_RET_K, 0, 0, packetBytes],
    [BPF_RET_K, 0, 0, 0],
  ];
}

/** struct sock_fprog of struct sock_filter (linux/filter.h). */
function attachFilter(fd: number, instructions: readonly Instruction[]): void {
  const filter = new Uint8Array(new ArrayBuffer(8 * instructions.length));
  const view = new DataView(filter.buffer);
  for (const [at, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    view.setUint16(8 * at, code, little);
    view.setUint8(8 * at + 2, ifTrue);
    view.setUint8(8 * at + 3, ifFalse);
    view.setUint32(8 * at + 4, value, little);
  }
  program ??= koffi.struct({ length: 'uint16_t', filter: 'void *' });
  const value = new Uint8Array(koffi.sizeof(program));
  koffi.encode(value, 0, program, { length: instructions.length, filter: koffi.address(filter) });
  check('setsockopt SO_ATTACH_FILTER', libcSetsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, value, value.length));
  // It is there until here: the structure only points to it.
  filter.fill(0);
}

let program: ReturnType<typeof koffi.struct> | undefined;

/** struct sockaddr_ll: packet(7). */
function addressOf(ifindex: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, little);
  view.setUint16(2, ETH_P_ARP);
  view.setInt32(4, ifindex, little);
  return address;
}

const little = endianness() === 'LE';
