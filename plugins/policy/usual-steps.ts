/** Steps that find stanzas, and go on with whatever step does them. */
export const usualSources: ReadonlySet<string> = new Set(['ENI', 'NetworkFile']);

/** Steps of the plugins that ship: for checks where it is not known which plugins are loaded. */
export const usualSteps: ReadonlySet<string> = new Set([
  ...usualSources,
  'Auto',
  'Bootp',
  'CAN',
  'DHCP',
  'Dynamical',
  'LinkLocal',
  'Loopback',
  'Manual',
  'OpenVPN',
  'PPP',
  'PowerOff',
  'SixToFour',
  'Static',
  'Tunnel',
  'V4Tunnel',
  'WPA',
  'WireGuard',
  'WvDial',
]);

/** Might an operation go on from this step with one that the policy does not name? A stranger might. */
export function mayDispatch(step: string): boolean {
  return usualSources.has(step) || !usualSteps.has(step);
}
