import { allOver, begin, tell } from '../../parallel.ts';
import { needs } from '../../setup.ts';
import { faults } from './faults.ts';
import { needPrograms } from './programs.ts';
import { supervision } from './supervision.ts';
import { cable } from './wired.ts';

describe('the plugin wpa-supplicant', () => {
  before(async function () {
    this.timeout(180_000);
    needs(this, { root: true, programs: ['ip', 'dnsmasq', 'dhclient', 'python3'] });
    needPrograms(this);
    // Those that wait longest first.
    await begin([supervision, faults, cable], 500);
  });
  after(async function () {
    this.timeout(90_000);
    await allOver();
  });

  describe('does 802.1X on a cable, which', () => tell(cable));
  describe('looks after supplicants, which', () => tell(supervision));
  describe('where something is wrong', () => tell(faults));
});
