/** Text forms of addresses as iproute2 prints them (inet_ntop(3), RFC 5952). */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return ip6Text(bytes);
  return hex(bytes);
}

/** A link-layer address: `00:11:22:33:44:55`; 4 bytes of a tunnel and 16 of its IPv6 kind are IP addresses. */
export function hardwareText(bytes: Uint8Array, linkType = 1): string {
  const tunnel = bytes.length === 4 ? tunnels4.has(linkType) : bytes.length === 16 && tunnels6.has(linkType);
  if (tunnel) return ipText(bytes);
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** ARPHRD_TUNNEL, ARPHRD_SIT, ARPHRD_IPGRE; ARPHRD_TUNNEL6, ARPHRD_IP6GRE (linux/if_arp.h). */
const tunnels4 = new Set([768, 776, 778]);
const tunnels6 = new Set([769, 823]);

function ip6Text(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const [start, length] = longestZeros(words);
  // inet_ntop writes IPv4-mapped and IPv4-compatible addresses with a dotted tail.
  const mapped = start === 0 && ((length === 5 && words[5] === 0xffff) || (length === 6 && words[6] !== 0));
  if (mapped) return `::${length === 5 ? 'ffff:' : ''}${bytes.subarray(12).join('.')}`;
  const text = (part: number[]) => part.map(word => word.toString(16)).join(':');
  if (length < 2) return text(words);
  return `${text(words.slice(0, start))}::${text(words.slice(start + length))}`;
}

/** Start and length of the first longest run of zeros. */
function longestZeros(words: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
    start = Math.max(start, end);
  }
  return best;
}
