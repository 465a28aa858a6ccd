import type { Build, Step } from './cut-off.ts';

const bond = (settings: string, slave: Record<string, string>): Step[] => [
  { method: 'bond', on: 'bond0', variables: { SETTINGS: settings } },
  { method: 'bond-slave', on: 'bond0', variables: { MEMBER: 'near', ...slave } },
];
const vlan = (id: string): Step[] => [
  { method: 'vlan', on: 'near.5', variables: { PARENT: 'near', ID: id, MTU: '1600', QUIET: '1' } },
];
const vrf = (table: string): Step[] => [
  { method: 'vrf', on: 'red', variables: { TABLE: table } },
  { method: 'vrf-member', on: 'near', variables: { VRF: 'red' } },
];
const macvlan = (mode: string): Step[] => [
  { method: 'macvlan', on: 'mv0', variables: { PARENT: 'near', KIND_MODE: mode } },
];
const bridge = (forwardDelay: string, mtu: string): Step[] => [
  {
    method: 'bridge',
    on: 'br0',
    variables: { SETTINGS: `forward_delay ${forwardDelay}\nstp_state 0\nhello_time 300`, UP: '1' },
  },
  {
    method: 'bridge-port',
    on: 'br0',
    variables: { MEMBER: 'near', MTU: mtu, SETTINGS: 'cost 7\npriority 9' },
  },
];

/** What any kernel has. */
export const common: readonly Build[] = [
  { title: 'of a bridge', steps: bridge('400', '1400'), changed: bridge('500', '1300'), changes: 7 },
  {
    title: 'of a macvlan',
    steps: macvlan('bridge'),
    changed: macvlan('private'),
    stays: ['near'],
    changes: 2,
  },
];

/** For the guest of test/lab. */
export const bonds: readonly Build[] = [
  {
    title: 'of a bond',
    modules: ['bonding'],
    before: ['link set near up'],
    steps: bond('mode active-backup\nmiimon 100', { SETTINGS: 'queue_id 2', PRIMARY: 'near' }),
    changed: bond('mode balance-xor\nmiimon 50', { SETTINGS: 'queue_id 3' }),
    changes: 5,
  },
];

/** For the guest, too. */
export const others: readonly Build[] = [
  {
    title: 'of a VLAN',
    modules: ['8021q'],
    steps: vlan('5'),
    changed: vlan('6'),
    stays: ['near'],
    changes: 4,
  },
  { title: 'of a VRF', modules: ['vrf'], steps: vrf('10'), changed: vrf('11'), changes: 2 },
  {
    title: 'of a dummy',
    modules: ['dummy'],
    steps: [{ method: 'dummy', on: 'd0', variables: {} }],
    changes: 1,
  },
];
