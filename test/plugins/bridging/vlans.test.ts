import assert from 'node:assert/strict';
import { optionsOf } from '../../../core/plugin/options-of.ts';
import { vlanLines, vlansIn } from '../../../plugins/bridging/vlans.ts';

const linesOf = (options: Record<string, string>, port?: string) => {
  const stanza = {
    family: 'inet',
    method: 'manual',
    step: 'Manual',
    options: Object.entries(options),
    place: 'interfaces:3',
  };
  return vlanLines(vlansIn(optionsOf({ stanza })), port).split('\n');
};

describe('the VLANs of a port', () => {
  it('are in order, joined where they touch, and without the one of what has no tag', () => {
    assert.deepEqual(linesOf({ bridge_vids: '30 2-4 5,6 8-10 9-12' }), [
      '1 PVID Egress Untagged',
      '2-6',
      '8-12',
      '30',
    ]);
    assert.deepEqual(linesOf({ bridge_vids: '2-6', bridge_pvid: '4' }), [
      '2-3',
      '4 PVID Egress Untagged',
      '5-6',
    ]);
    assert.deepEqual(linesOf({ bridge_vids: '2-6', bridge_pvid: '2' }), ['2 PVID Egress Untagged', '3-6']);
    assert.deepEqual(linesOf({ bridge_vids: '1-4094' }), ['1 PVID Egress Untagged', '2-4094']);
  });

  it('are one alone for an access port, and none without a tag where that is not allowed', () => {
    assert.deepEqual(linesOf({ bridge_access: '7', bridge_vids: '2-6' }), ['7 PVID Egress Untagged']);
    assert.deepEqual(linesOf({ bridge_allow_untagged: 'no', bridge_vids: '5' }), ['5']);
    assert.deepEqual(linesOf({}), ['']);
  });

  it('may be a port’s own', () => {
    const options = { bridge_vids: '5', bridge_port_vids: 'p0=6,8-9', bridge_port_pvids: 'p1=3' };
    assert.deepEqual(linesOf(options, 'p0'), ['1 PVID Egress Untagged', '6', '8-9']);
    assert.deepEqual(linesOf(options, 'p1'), ['3 PVID Egress Untagged', '5']);
  });

  it('are refused with file and line, and what was expected', () => {
    for (const [name, value] of [
      ['bridge_vids', '4095'],
      ['bridge_vids', '9-3'],
      ['bridge_vids', '5;6'],
      ['bridge_pvid', '0'],
      ['bridge_port_vids', 'p0'],
      ['bridge_port_pvids', 'p0=5-6'],
    ] as const)
      assert.throws(() => linesOf({ [name]: value }), /interfaces:3: bridge-.*expected .*from 1 to 4094/);
  });
});
