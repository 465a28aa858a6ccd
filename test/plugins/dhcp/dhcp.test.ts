import { unpacked } from '../../debian-package.ts';
import { allOver, begin, tell } from '../../parallel.ts';
import { needs } from '../../setup.ts';
import { clients } from './clients.ts';
import { dnsmasq } from './dnsmasq.ts';
import { leases } from './leases.ts';
import { linkLocal } from './link-local.ts';
import { options } from './options.ts';
import { packages } from './packages.ts';
import { v6 } from './v6.ts';

describe('the step DHCP', () => {
  before(async function () {
    this.timeout(120_000);
    needs(this, { root: true, programs: ['ip', 'ss', 'dhclient', 'udhcpc', 'dnsmasq', 'arping', 'python3'] });
    packages.dhcpd = unpacked(this, 'isc-dhcp-server');
    packages.dhcpcd = unpacked(this, 'dhcpcd-base');
    // Those with the longest leases first.
    await begin([options, clients, leases, linkLocal, v6, dnsmasq], 500);
  });
  after(allOver);

  describe('with dhclient', () => tell(dnsmasq));
  describe('with other clients', () => tell(clients));
  describe('has a lease', () => tell(leases));
  describe('has a lease that', () => tell(options));
  describe('for DHCPv6', () => tell(v6));
  describe('or an address of the link’s own', () => tell(linkLocal));
});
