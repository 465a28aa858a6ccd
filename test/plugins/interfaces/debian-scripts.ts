/** Plugins that do what scripts of Debian's packages do: off, the scripts act. One that there is not is as good as off. */
const standIns = ['bonding', 'bridging', 'vlan', 'wpa-supplicant', 'openvpn', 'resolv-conf'];

/** The part `plugins` of a configuration in which interfaces(5) and the scripts of packages are all there is. */
export function scriptsAlone(interfaces: object = {}): string {
  const off = Object.fromEntries(standIns.map(name => [name, false]));
  return `plugins: ${JSON.stringify({ ...off, interfaces })}\n`;
}
