import assert from 'node:assert/strict';

export type Fields = Record<string, unknown>;

/** What newer versions of iproute2 print too, and what runs on between two looks. */
const ignored = new Set([
  'unknown',
  'locked',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
  'mst_enabled',
  'mdb_offload_fail_notification',
  'fdb_n_learned',
  'fdb_max_learned',
  'mab',
  'mcast_n_groups',
  'mcast_max_groups',
  'neigh_vlan_suppress',
  'localbypass',
  'gc_timer',
  'hello_timer',
  'forward_delay_timer',
  'hold_timer',
  'message_age_timer',
  'tcn_timer',
  // TUNSETPERSIST tells nobody.
  'persist',
  // How many ask for it: told only when the flag changes.
  'promiscuity',
  'allmulti',
  'topology_change_timer',
]);
const forever = 4294967295;

/** Compares two lists of objects, sorted by what `keyOf` says of each. */
export function compare(
  ours: readonly object[],
  theirs: readonly object[],
  keyOf: (entry: Fields) => string = JSON.stringify,
): void {
  const order = (entries: readonly object[]) =>
    entries.map(entry => stripped(entry) as Fields).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  assert.deepEqual(order(ours), order(theirs));
}

/** Sorted keys, without what is ignored; the protocol of an address only newer versions know. */
export function stripped(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map(stripped);
    // The hops of an IPv6 route have no order of their own.
    return list.every(hop => typeof hop === 'object' && hop !== null && 'weight' in hop)
      ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : list;
  }
  if (typeof value !== 'object' || value === null) return value;
  const isAddress = 'local' in value && 'prefixlen' in value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !ignored.has(key))
      .filter(([key]) => (isAddress ? key !== 'protocol' : key !== 'family' || 'host' in value))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, running(key, inner)]),
  );
}

/** Life times count only as far as they are forever or not. */
function running(key: string, value: unknown): unknown {
  if (key === 'valid_life_time' || key === 'preferred_life_time') return value === forever;
  return key === 'expires' ? true : stripped(value);
}
