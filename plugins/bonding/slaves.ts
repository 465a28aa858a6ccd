import {
  checkedOption,
  type Netconf,
  type Operation,
  type OptionValues,
  perform,
  wholeNumber,
} from 'netconf/plugin';
import { linkIndex } from '../../core/base/libc/links.ts';
import { attributeOf, masterOf } from '../../core/base/links.ts';
import { lookUntil } from '../../core/base/look-until.ts';
import type { Members } from '../../core/plugin/members/members.ts';

/** Seconds that a slave has to find its carrier before it is to be the active one. */
const carrierSeconds = 5;

/** Slaves whose own stanza says so: `bond-master`. */
export class Slaves {
  readonly #netconf: Netconf<unknown>;
  readonly #members: Members;

  constructor(netconf: Netconf<unknown>, members: Members) {
    this.#netconf = netconf;
    this.#members = members;
  }

  /** Brings the bond up first, where somebody declares it; what is there already may be anybody's. */
  async join(operation: Operation, options: OptionValues): Promise<void> {
    const { value: master = '', place } = options.get('bond-master') ?? {};
    const bond = master.trim();
    if (bond === '') return;
    const isDeclared = this.#netconf.gather('stanzas', [], operation).some(({ logical }) => logical === bond);
    if (isDeclared) {
      const { state, message } = await this.#netconf.operate('ifup', bond, { inside: operation });
      if (state !== 'configured' && state !== 'already')
        throw new Error(`${place}: its bond ${bond}: ${message ?? state}`);
    } else if (linkIndex(bond) === undefined) {
      throw new Error(`${place}: bond-master ${bond}: there is no such bond, and no stanza for it`);
    }
    const before = masterOf(operation.interface);
    if (before !== undefined && before !== bond && this.#members.hasJoined(before, operation.interface))
      await this.#members.leave(operation, before);
    const primary = options.get('bond-primary')?.value;
    const environment = primary === undefined ? {} : { PRIMARY: primary };
    await this.#members.joinAlone(operation, bond, environment).catch(error => {
      throw new Error(`${place}: ${error.message}`);
    });
  }

  async leave(operation: Operation, options: OptionValues): Promise<void> {
    const bond = options.get('bond-master')?.value.trim();
    if (bond) await this.#members.leave(operation, bond);
  }

  /** Once the bond is up: the kernel activates no other slave. One without a carrier cannot be, which ends nothing. */
  async activate(operation: Operation, slave: string | undefined): Promise<void> {
    if (slave === undefined || masterOf(slave) !== operation.interface || this.#netconf.observe) return;
    const hasCarrier = () => attributeOf(slave, 'bonding_slave/mii_status') === 'up';
    await lookUntil(hasCarrier, carrierSeconds, operation.signal);
    await this.#run(operation, slave, operation.interface, { ACTIVE: slave }).catch(error =>
      operation.progress(error.message),
    );
  }

  /** `bond-give-a-chance`: the slave is the primary until it has a carrier, or for so many seconds. */
  async giveAChance(operation: Operation, options: OptionValues): Promise<void> {
    const seconds = checkedOption(options, 'bond-give-a-chance', wholeNumber(0, 3600, 'seconds'));
    const { interface: slave } = operation;
    const bond = masterOf(slave);
    if (seconds === undefined || bond === undefined || this.#netconf.observe) return;
    const before = attributeOf(bond, 'bonding/primary') ?? '';
    await this.#run(operation, slave, bond, { PRIMARY: slave });
    await lookUntil(() => attributeOf(slave, 'operstate') === 'up', Number(seconds), operation.signal);
    if (before !== '' && before !== slave) await this.#run(operation, slave, bond, { PRIMARY: before });
  }

  #run(
    operation: Operation,
    slave: string,
    bond: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<void> {
    return perform(this.#netconf, 'bond-slave', {
      mode: 'up',
      interface: bond,
      handle: `slave-${slave}`,
      environment: { ...environment, MEMBER: slave, JOINED: '1' },
      operation,
    });
  }
}
