/**
 * A DHCP server in Python that answers whatever asks with one address and the options that it is told, byte by byte: what
 * no honest server can be made to send. Its argument is the options in hexadecimal, without those of the protocol itself.
 */
export const hostileServer = `
import socket, struct, sys
extra = bytes.fromhex(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"s0")
s.bind(("", 67))
me = socket.inet_aton("10.3.0.1")
print("serving", flush=True)
while True:
    p = s.recv(2048)
    if len(p) < 244: continue
    kind = None
    at = 240
    while at < len(p) - 2 and p[at] != 255:
        if p[at] == 0: at += 1; continue
        if p[at] == 53: kind = p[at + 2]
        at += 2 + p[at + 1]
    if kind not in (1, 3): continue
    head = struct.pack("!BBBB4sHH4s4s4s4s", 2, 1, 6, 0, p[4:8], 0, 0x8000, b"\\0" * 4, socket.inet_aton("10.3.0.66"), me, b"\\0" * 4)
    body = head + p[28:44] + b"\\0" * 192 + b"\\x63\\x82\\x53\\x63"
    body += bytes([53, 1, 2 if kind == 1 else 5, 54, 4]) + me + bytes([51, 4]) + struct.pack("!I", 600) + extra
    s.sendto(body, ("255.255.255.255", 68))
    print("answered", kind, flush=True)
`;

/** One option: its number, its length as it is told, and its bytes. */
export function raw(code: number, bytes: readonly number[] | string, length = bytes.length): string {
  return Buffer.concat([
    Buffer.from([code, length]),
    typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes),
  ]).toString('hex');
}
