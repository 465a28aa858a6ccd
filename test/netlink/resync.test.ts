import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Bus } from '../../core/bus/bus.ts';
import { NetlinkError } from '../../core/netlink/errors.ts';
import { NetlinkSource } from '../../core/netlink/source.ts';
import * as c from '../../core/netlink/wire/constants.ts';
import { encode } from '../../core/netlink/wire/message.ts';
import { FakeKernel, link, route } from './fake-kernel.ts';

describe('the netlink source and a kernel that makes it hard', () => {
  let kernel: FakeKernel;
  let source: NetlinkSource;
  let told: string[];
  let failures: unknown[];
  beforeEach(() => {
    kernel = new FakeKernel();
    kernel.has = [link(1, 'lo'), link(2, 'eth0'), route(1), route(2)];
    told = [];
    failures = [];
    const bus = new Bus((...failure) => failures.push(failure));
    bus.on('*', 'test', event => {
      const { old, new: next } = event.data as { old?: { dst?: string }; new?: { dst?: string } };
      told.push([event.name, event.interface, (next ?? old)?.dst].filter(Boolean).join(' '));
    });
    source = new NetlinkSource({ bus, kernel });
  });
  afterEach(() => {
    source.stop();
    assert.deepEqual(failures, []);
  });
  const destinations = () => Array.from(source.status.routes(), ({ dst }) => dst).sort();
  const until = async (fits: () => boolean) => {
    for (let i = 0; i < 400 && !fits(); i++) await new Promise(resolve => setTimeout(resolve, 10));
    assert.ok(fits(), told.join(', '));
  };

  it('lets what a notification said during a dump stand', async () => {
    kernel.meanwhile = request => {
      if (request.type !== c.RTM_GETROUTE || request.header.family !== 2) return;
      kernel.meanwhile = undefined;
      kernel.notify(route(2, 1, c.RTM_DELROUTE));
      kernel.notify(route(3));
    };
    await source.start();
    assert.deepEqual(destinations(), ['10.0.0.1', '10.0.0.3']);
  });

  it('lets what a notification said of a link stand against what a dump saw before', async () => {
    kernel.underway = request => {
      if (request.type !== c.RTM_GETLINK) return;
      kernel.underway = undefined;
      kernel.notify(link(1, 'lo', 0x1002));
      kernel.notify({ ...link(2, 'eth0'), type: c.RTM_DELLINK });
    };
    await source.start();
    assert.deepEqual(
      Array.from(source.status.links(), ({ ifname, flags }) => [ifname, flags.includes('UP')]),
      [['lo', false]],
    );
    assert.deepEqual(told, ['link.added lo']);
  });

  it('asks again for a place whose other routes a notification during a dump did not tell', async () => {
    kernel.has = [link(2, 'eth0'), route(1, 1), route(1, 2)];
    kernel.underway = request => {
      if (request.type !== c.RTM_GETROUTE) return;
      kernel.underway = undefined;
      kernel.has.push(route(1, 3));
      kernel.notify(route(1, 3, c.RTM_NEWROUTE, c.NLM_F_CREATE | c.NLM_F_APPEND));
    };
    await source.start();
    await until(() => destinations().length === 3);
    kernel.has = [link(2, 'eth0'), route(1, 2)];
    kernel.underway = request => {
      if (request.type !== c.RTM_GETROUTE) return;
      kernel.underway = undefined;
      kernel.notify(route(1, 1, c.RTM_DELROUTE));
    };
    kernel.hearer.lost('ENOBUFS');
    kernel.hearer.dry();
    await until(() => destinations().length === 1);
  });

  it('has a route once that an interrupted dump gave twice', async () => {
    kernel.has = [link(2, 'eth0'), route(1)];
    kernel.underway = request => {
      if (request.type === c.RTM_GETROUTE && request.header.family === 2) kernel.interruptions = 1;
      kernel.underway = request.type === c.RTM_GETROUTE ? undefined : kernel.underway;
    };
    await source.start();
    assert.deepEqual(destinations(), ['10.0.0.1']);
  });

  it('looks again after a start whose dumps were interrupted again and again', async () => {
    kernel.interruptions = 4;
    await source.start();
    kernel.has.push(link(3, 'eth1'));
    await until(() => told.includes('link.added eth1'));
  });

  it('compares all again after an answer to a doubt that failed', async () => {
    await source.start();
    kernel.has = [link(1, 'lo'), link(2, 'eth0'), route(2)];
    kernel.refusal = new NetlinkError(16);
    kernel.notify(link(2, 'eth0', 0x1002));
    await new Promise(resolve => setTimeout(resolve, 50));
    kernel.refusal = undefined;
    await until(() => told.includes('route.removed eth0 10.0.0.1'));
  });

  it('compares all again after an answer to a doubt that was interrupted again and again', async () => {
    await source.start();
    kernel.underway = request => {
      if (request.type !== c.RTM_GETROUTE) return;
      kernel.underway = undefined;
      kernel.interruptions = 4;
    };
    kernel.notify(link(2, 'eth0', 0x1002));
    await until(() => kernel.underway === undefined);
    kernel.has.push(link(3, 'eth1'));
    await until(() => told.includes('link.added eth1'));
  });

  it('dumps again what was interrupted', async () => {
    kernel.interruptions = 2;
    await source.start();
    assert.equal(kernel.requests.filter(({ type }) => type === c.RTM_GETLINK).length, 3);
    assert.deepEqual(told, ['link.added lo', 'link.added eth0']);
  });

  it('takes a dump that is interrupted again and again as it is, and looks again later', async () => {
    await source.start();
    kernel.interruptions = 4;
    kernel.has.push(link(3, 'eth1'));
    kernel.hearer.lost('ENOBUFS');
    kernel.hearer.dry();
    await until(() => told.includes('netlink.resynced'));
    assert.ok(told.includes('link.added eth1'));
    await until(() => told.filter(line => line === 'netlink.resynced').length === 2);
    assert.equal(told.filter(line => line === 'netlink.overrun').length, 2);
  });

  it('publishes the differences between overrun and resynced', async () => {
    await source.start();
    told.length = 0;
    kernel.has = [link(1, 'lo'), link(2, 'wan0'), route(2, 9), route(3)];
    kernel.hearer.lost('ENOBUFS');
    assert.deepEqual(told, ['netlink.overrun']);
    kernel.hearer.lost('ENOBUFS');
    kernel.hearer.dry();
    await until(() => told.includes('netlink.resynced'));
    assert.deepEqual(told, [
      'netlink.overrun',
      'link.renamed wan0',
      'route.changed wan0 10.0.0.2',
      'route.added wan0 10.0.0.3',
      'route.removed wan0 10.0.0.1',
      'netlink.resynced',
    ]);
  });

  it('waits with the resync until the socket is empty, because a full one loses more without saying so', async () => {
    await source.start();
    const before = kernel.requests.length;
    kernel.hearer.lost('ENOBUFS');
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(kernel.requests.length, before);
    kernel.hearer.dry();
    await until(() => told.includes('netlink.resynced'));
  });

  it('folds losses during a resync into one more round, and ends although the storm does not', async () => {
    await source.start();
    let left = 3;
    kernel.meanwhile = request => {
      if (request.type !== c.RTM_GETRULE || left-- <= 0) return;
      kernel.has.push(route(100 + left));
      kernel.hearer.lost('ENOBUFS');
      kernel.hearer.dry();
    };
    kernel.hearer.lost('ENOBUFS');
    kernel.hearer.dry();
    await until(() => told.includes('netlink.resynced'));
    assert.equal(told.filter(line => line === 'netlink.overrun').length, 1);
    assert.deepEqual(destinations(), ['10.0.0.1', '10.0.0.100', '10.0.0.101', '10.0.0.102', '10.0.0.2']);
    left = Number.POSITIVE_INFINITY;
    kernel.hearer.lost('ENOBUFS');
    kernel.hearer.dry();
    await until(() => told.filter(line => line === 'netlink.resynced').length >= 2);
    left = 0;
    await until(() => told.filter(line => line === 'netlink.resynced').length >= 3);
  });

  it('makes losses during the start good before the first event', async () => {
    kernel.meanwhile = request => {
      if (request.type !== c.RTM_GETADDR) return;
      kernel.meanwhile = undefined;
      kernel.has.push(link(3, 'eth1'));
      kernel.hearer.lost('ENOBUFS');
      kernel.hearer.dry();
    };
    await source.start();
    assert.deepEqual(told, ['link.added lo', 'link.added eth0', 'link.added eth1']);
  });

  it('goes on after any bytes in the place of a notification, and is right after them', async () => {
    await source.start();
    const whole = [encode(link(3, 'eth1')), encode(route(3)), encode(route(3, 1, c.RTM_DELROUTE))];
    for (const bytes of whole) {
      for (let length = c.headerLength; length < bytes.length; length++)
        kernel.notify(bytes.slice(0, length));
    }
    fc.assert(
      fc.property(
        fc.constantFrom(16, 17, 20, 21, 24, 25, 28, 29, 32, 33, 68, 104, 999),
        fc.uint8Array({ maxLength: 200 }),
        (type, rest) => {
          const bytes = new Uint8Array(c.headerLength + rest.length);
          new Uint32Array(bytes.buffer, 0, 1)[0] = bytes.length;
          new Uint16Array(bytes.buffer, 4, 1)[0] = type;
          bytes.set(rest, c.headerLength);
          kernel.notify(bytes);
        },
      ),
    );
    kernel.hearer.lost('truncated');
    kernel.hearer.dry();
    await until(() => told.includes('netlink.resynced'));
    assert.deepEqual(
      Array.from(source.status.links(), ({ ifname }) => ifname),
      ['lo', 'eth0'],
    );
    assert.deepEqual(destinations(), ['10.0.0.1', '10.0.0.2']);
  });

  it('keeps routes of one place in the order of the kernel: replaced is the first, appended the last', async () => {
    kernel.has = [link(2, 'eth0')];
    await source.start();
    const gateways = () => Array.from(source.status.routes(), ({ gateway }) => gateway);
    const add = (gateway: number, flags: number) => kernel.notify(route(1, gateway, c.RTM_NEWROUTE, flags));
    add(1, c.NLM_F_CREATE | c.NLM_F_EXCL);
    add(2, c.NLM_F_CREATE | c.NLM_F_APPEND);
    add(3, c.NLM_F_CREATE);
    assert.deepEqual(gateways(), ['10.1.0.3', '10.1.0.1', '10.1.0.2']);
    add(4, c.NLM_F_REPLACE);
    assert.deepEqual(gateways(), ['10.1.0.4', '10.1.0.1', '10.1.0.2']);
    kernel.notify(route(1, 1, c.RTM_DELROUTE));
    assert.deepEqual(gateways(), ['10.1.0.4', '10.1.0.2']);
    add(5, c.NLM_F_CREATE | c.NLM_F_EXCL);
    assert.deepEqual(gateways(), ['10.1.0.5']);
    assert.equal(source.status.counters.routes, 1);
  });

  it('fails to start with the words of the kernel, and leaves nothing open', async () => {
    kernel.refusal = new NetlinkError(22, 'Invalid values in header for FIB dump request');
    await assert.rejects(source.start(), { code: 'Netlink', message: /^EINVAL: Invalid values in header/ });
    assert.ok(kernel.isClosed);
  });

  it('resolves a start that is stopped', async () => {
    kernel.meanwhile = () => source.stop();
    await source.start();
    assert.deepEqual(told, []);
  });
});
