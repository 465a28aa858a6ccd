/** Names of protocols(5) that firewalls are asked for, with their numbers (IANA). ICMP is that of either family. */
const known: Readonly<Record<string, readonly number[]>> = {
  icmp: [1, 58],
  icmpv6: [58],
  'ipv6-icmp': [58],
  igmp: [2],
  ipip: [4],
  ipencap: [4],
  tcp: [6],
  udp: [17],
  ipv6: [41],
  gre: [47],
  esp: [50],
  ah: [51],
  ospf: [89],
  pim: [103],
  vrrp: [112],
  sctp: [132],
  udplite: [136],
};

export const protocolNames: readonly string[] = Object.keys(known);

export const tcp = 6;
export const udp = 17;
/** What has ports, where no protocol is named: what a proxy or a port forwarding is for. */
export const usualWithPorts: readonly number[] = [tcp, udp];
/** All that has ports in the same place: SCTP and UDP-Lite too. */
export const withPorts: readonly number[] = [tcp, udp, 132, 136];

/** Protocol numbers of a name or number; undefined when it is neither. */
export function protocolNumbers(text: string): readonly number[] | undefined {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return [Number(text)];
  return Object.hasOwn(known, text) ? known[text] : undefined;
}

/** The name by which people know it, else its number. */
export function protocolName(number: number): string {
  const named = Object.entries(known).find(([, numbers]) => numbers.length === 1 && numbers[0] === number);
  return number === 1 ? 'icmp' : (named?.[0] ?? String(number));
}
