import { followMembers, type Link, type Netconf } from 'netconf/plugin';

declare module 'netconf/plugin' {
  interface Events {
    /** Another slave is the active one; null for none. The first that a bond gets is no failover. */
    'bond.failover': { old: string; new: string | null };
    'bond.slave-added': { slave: string };
    'bond.slave-removed': { slave: string };
    /** A slave has lost its link, as the bond sees it (`bond-miimon`, `bond-arp-interval`). */
    'bond.degraded': BondSlaves;
    /** All slaves have their links again. */
    'bond.recovered': BondSlaves;
  }
}

export interface BondSlaves {
  /** The slave whose link has changed. */
  slave: string;
  /** All slaves, by whether the bond takes their links for up. */
  up: string[];
  down: string[];
}

/** Tells of bonds what the kernel's messages about links say; nothing is kept that cannot be read from those again. */
export function followBonds(netconf: Netconf<unknown>): void {
  /** Of each bond the slaves, with whether it takes their links for up. */
  const bonds = new Map<string, Map<string, boolean>>();

  followMembers(netconf, 'bond', {
    added: (link, bond, replayed) => {
      bonds.set(bond, (bonds.get(bond) ?? new Map()).set(link.ifname, isUp(link)));
      if (!replayed) netconf.emit('bond.slave-added', { slave: link.ifname }, { interface: bond });
    },
    removed: (link, bond) => {
      bonds.get(bond)?.delete(link.ifname);
      netconf.emit('bond.slave-removed', { slave: link.ifname }, { interface: bond });
    },
    member: (_, link, bond) => {
      const slaves = bonds.get(bond);
      if (slaves === undefined || slaves.get(link.ifname) === isUp(link)) return;
      slaves.set(link.ifname, isUp(link));
      const named = (good: boolean) =>
        [...slaves].flatMap(([name, isGood]) => (isGood === good ? [name] : []));
      const data = { slave: link.ifname, up: named(true), down: named(false) };
      if (!isUp(link)) netconf.emit('bond.degraded', data, { interface: bond });
      else if (data.down.length === 0) netconf.emit('bond.recovered', data, { interface: bond });
    },
    master: (old, next) => {
      const [before, now] = [activeOf(old), activeOf(next)];
      if (before === undefined || before === now) return;
      netconf.emit('bond.failover', { old: before, new: now ?? null }, { interface: next.ifname });
    },
    renamed: (old, next) => {
      for (const names of [bonds, ...bonds.values()] as Map<string, unknown>[]) {
        const known = names.get(old);
        if (names.delete(old)) names.set(next, known);
      }
    },
    gone: bond => bonds.delete(bond),
  });
}

function activeOf({ linkinfo }: Link): string | undefined {
  const active = linkinfo?.info_data?.active_slave;
  return typeof active === 'string' ? active : undefined;
}

/** bond_slave_info: `UP`, `GOING_DOWN` (waits for downdelay), `DOWN`, `GOING_BACK` (waits for updelay). */
function isUp({ linkinfo }: Link): boolean {
  const status = linkinfo?.info_slave_data?.mii_status;
  return status === 'UP' || status === 'GOING_DOWN';
}
