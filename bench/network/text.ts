/** A network file of so many networks, each of an interface, and so many rules between them. */
export function networkText(networks: number, rules: number): string {
  const blocks: string[] = [];
  for (let at = 0; at < networks; at++)
    blocks.push(
      `network "n${at}" {\n  interface "eth${at}" { addressv4 10.${at >> 8}.${at & 255}.1 }\n  netmaskv4 255.255.255.0;\n}\n`,
    );
  const deeds = ['accept incoming', 'reject incoming', 'forward', 'deny'];
  for (let at = 0; at < rules; at++) {
    const [from, to] = [at % networks, (at * 7 + 1) % networks];
    blocks.push(`rule { from "n${from}" to "n${to}"/www protocol tcp; ${deeds[at % deeds.length]} }\n`);
  }
  return blocks.join('');
}
