# Sends packets and says which arrive: `wire LINK…`, frames on links without addresses; `local`, this host's own packets,
# and those that are delivered to it. A line of JSON on standard input is a list of packets to send; each has a number in
# its payload, by which what arrives is known again.
import json, select, socket, struct, sys

MAGIC = b'netconf-fw:'


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pieces(p):
    whole = packet(p)
    if not p.get('pieces'):
        return [whole]
    # The first has the ports, the second the rest.
    cut = 32
    if p['family'] == 4:
        head, body = whole[:20], whole[20:]
        flags = ((0x2000, body[:cut]), (cut // 8, body[cut:]))
        heads = [head[:2] + struct.pack('!HHH', 20 + len(part), p['id'] & 0xffff, flag) + head[8:10] + b'\0\0' + head[12:]
                 for flag, part in flags]
        heads = [h[:10] + struct.pack('!H', checksum(h)) + h[12:] for h in heads]
        return [h + part for h, (_, part) in zip(heads, flags)]
    head, body = whole[:40], whole[40:]
    return [head[:4] + struct.pack('!HB', 8 + len(part), 44) + head[7:]
            + struct.pack('!BBHI', p['protocol'], 0, flag, p['id']) + part
            for flag, part in ((1, body[:cut]), (cut, body[cut:]))]


def packet(p):
    family = socket.AF_INET if p['family'] == 4 else socket.AF_INET6
    source, destination = (socket.inet_pton(family, p[end]) for end in ('source', 'destination'))
    payload = MAGIC + struct.pack('!I', p['id']) + (b'.' * 64 if p.get('pieces') else b'')
    protocol = p['protocol']
    if protocol == 6:
        flags = 2 if p['syn'] else 16
        body = struct.pack('!HHIIBBHHH', p['sport'], p['dport'], 1, 0, 5 << 4, flags, 1024, 0, 0) + payload
        at = 16
    elif protocol == 17:
        body = struct.pack('!HHHH', p['sport'], p['dport'], 8 + len(payload), 0) + payload
        at = 6
    else:
        body = struct.pack('!BBHHH', 8 if p['family'] == 4 else 128, 0, 0, p['sport'], 1) + payload
        at = 2
    pseudo = source + destination + struct.pack('!II', len(body), protocol)
    total = checksum(body if protocol == 1 else pseudo + body)
    body = body[:at] + struct.pack('!H', total or 0xffff) + body[at + 2:]
    if p['family'] == 4:
        head = struct.pack('!BBHHHBBH', 0x45, p['tos'], 20 + len(body), p['id'] & 0xffff, 0, 64, protocol, 0)
        head = head[:10] + struct.pack('!H', checksum(head + source + destination))
    else:
        head = struct.pack('!IHBB', 6 << 28 | p['tos'] << 20, len(body), protocol, 64)
    return head + source + destination + body


def read(data):
    at = data.find(MAGIC)
    if at < 0 or len(data) < at + len(MAGIC) + 4:
        return None
    number, = struct.unpack_from('!I', data, at + len(MAGIC))
    family = data[0] >> 4
    if family == 4:
        head, protocol, tos = (data[0] & 15) * 4, data[9], data[1]
        source, destination = (socket.inet_ntop(socket.AF_INET, data[i:i + 4]) for i in (12, 16))
    else:
        head, protocol, tos = 40, data[6], (data[0] & 15) << 4 | data[1] >> 4
        source, destination = (socket.inet_ntop(socket.AF_INET6, data[i:i + 16]) for i in (8, 24))
    error = protocol in (1, 58) and data[head] == (3 if family == 4 else 1)
    if protocol in (1, 58) and data[head] == (5 if family == 4 else 137):
        # There is a shorter way: not the firewall's to say.
        return None
    port = struct.unpack_from('!H', data, head + 2)[0] if protocol in (6, 17) else 0
    return {'id': number, 'source': source, 'destination': destination, 'dport': port, 'error': error, 'tos': tos}


def say(where, found):
    if found:
        print(json.dumps({'where': where, **found}), flush=True)


def wire(links):
    sockets = {}
    for link in links:
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)
        s.bind((link, 3))
        sockets[s] = link
    by_link = {link: s for s, link in sockets.items()}

    def send(p):
        kind = 0x0800 if p['family'] == 4 else 0x86dd
        addresses = bytes.fromhex(p['to'].replace(':', '')) + b'\2\0\0\0\0\1'
        for piece in pieces(p):
            by_link[p['link']].send(addresses + struct.pack('!H', kind) + piece)

    def receive(s):
        data, address = s.recvfrom(65535)
        if address[2] != socket.PACKET_OUTGOING:
            say(sockets[s], read(data[14:]))

    loop(list(sockets), send, receive)


def local():
    sockets = {}
    for family, protocols in ((socket.AF_INET, (1, 6, 17)), (socket.AF_INET6, (58, 6, 17))):
        for protocol in protocols:
            s = socket.socket(family, socket.SOCK_RAW, protocol)
            if family == socket.AF_INET6:
                # Addresses are in no header here.
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            sockets[s] = (family, protocol)
    out = {}
    for family, level, option in ((4, socket.IPPROTO_IP, socket.IP_HDRINCL), (6, socket.IPPROTO_IPV6, 36)):
        out[family] = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_RAW, 255)
        out[family].setsockopt(level, option, 1)

    def send(p):
        try:
            out[p['family']].sendto(packet(p), (p['destination'], 0))
        except OSError:
            pass

    def receive(s):
        family, protocol = sockets[s]
        if family == socket.AF_INET:
            say('local', read(s.recv(65535)))
            return
        data, rest, _, address = s.recvmsg(65535, 256)
        destination = rest[0][2][:16]
        head = struct.pack('!IHBB', 6 << 28, len(data), protocol, 64)
        say('local', read(head + socket.inet_pton(family, address[0].split('%')[0]) + destination + data))

    loop(list(sockets), send, receive)


def loop(sockets, send, receive):
    print('{}', flush=True)
    while True:
        for ready in select.select([sys.stdin, *sockets], [], [])[0]:
            if ready is not sys.stdin:
                receive(ready)
                continue
            line = sys.stdin.readline()
            if not line:
                return
            for p in json.loads(line):
                send(p)


local() if sys.argv[1] == 'local' else wire(sys.argv[2:])
