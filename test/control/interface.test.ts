import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '../../core/base/errors.ts';
import { connect } from '../../core/control/client.ts';
import { interfaceDescription } from '../../core/control/interface.ts';
import { parameters } from '../../core/control/parameters.ts';
import { Bench } from './fake-backend.ts';
import { type Fields, readDescription } from './varlink/idl.ts';

const core = join(import.meta.dirname, '../../core');
const source = ['control/api.ts', 'control/operation-api.ts', 'bus/event.ts', 'bus/objects.ts']
  .map(file => readFileSync(join(core, file), 'utf8'))
  .join('\n');
const description = readDescription(interfaceDescription);

/** Members of a TypeScript interface as written in the source: name to whether it may be absent or null. */
function members(name: string): Map<string, boolean> {
  const head = new RegExp(`^export interface ${name}(?: extends ([^{]+))? \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
    source,
  );
  assert.ok(head, `no interface ${name}`);
  const found = inherited(head[1] ?? '');
  // What Varlink has no name for (`stable-privacy`) is quoted in TypeScript, and not found here.
  for (const [, key, mark, type] of head[2]!.matchAll(/^ {2}(\w+)(\??): (.*);$/gm)) {
    found.set(key!, mark === '?' || /\| null$/.test(type!));
  }
  return found;
}

/** `Unknown`, or `Omit<Link, 'linkinfo'>`. */
function inherited(parent: string): Map<string, boolean> {
  const [name, ...omitted] = parent.match(/\w+/g)?.filter(word => word !== 'Omit') ?? [];
  if (name === undefined) return new Map();
  return new Map([...members(name)].filter(([key]) => !omitted.includes(key)));
}

function compare(fields: Fields | string[] | undefined, wanted: Map<string, boolean>, what: string): void {
  assert.ok(fields instanceof Map, `${what} is described as a structure`);
  const described = new Map([...fields].map(([name, type]) => [name, type.startsWith('?')]));
  const order = (map: Map<string, boolean>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(order(described), order(wanted), what);
}

describe('the interface description', () => {
  it('is correct Varlink', () => {
    assert.equal(description.name, 'io.netconf');
    assert.ok(description.methods.size > 0 && description.types.size > 0);
  });

  it('has the methods of the contract, each with a schema for its parameters', () => {
    const contract = [...members('Methods').keys()];
    // Their members hold objects: the pattern for one-line members finds them all the same.
    assert.deepEqual([...description.methods.keys()].sort(), contract.sort());
    assert.deepEqual(Object.keys(parameters).sort(), contract.sort());
  });

  it('has the parameters of each method, as the schema checks them', () => {
    for (const [name, method] of description.methods) {
      const { entries } = parameters[name as keyof typeof parameters];
      const wanted = Object.entries(entries).map(
        ([key, schema]) => [key, (schema as { type: string }).type === 'exact_optional'] as const,
      );
      compare(method.in, new Map(wanted), name);
    }
    for (const name of ['Up', 'Down'])
      compare(description.methods.get(name)?.in, members('OperationParameters'), name);
    for (const name of ['Status', 'Emit', 'Monitor', 'History', 'Explain']) {
      compare(description.methods.get(name)?.in, members(`${name}Parameters`), `${name}Parameters`);
    }
  });

  it('has the fields of each reply and object, and says of the same ones that they may be absent', () => {
    for (const name of ['Up', 'Down'])
      compare(description.methods.get(name)?.out, members('OperationReply'), name);
    for (const name of ['Status', 'Emit', 'Monitor', 'Explain']) {
      compare(description.methods.get(name)?.out, members(`${name}Reply`), `${name}Reply`);
    }
    const named: Record<string, string> = { Event: 'EventJson' };
    const derived = new Set(['AddressInfo', 'Via']);
    for (const [name, fields] of description.types) {
      if (fields instanceof Map && !derived.has(name)) compare(fields, members(named[name] ?? name), name);
    }
    compare(
      description.types.get('AddressInfo'),
      inherited("Omit<Address, 'ifindex' | 'ifname'>"),
      'AddressInfo',
    );
  });

  it('has the errors of the catalogue', () => {
    assert.deepEqual([...description.errors.keys()].sort(), Object.keys(errorCodes).sort());
    for (const [name, fields] of description.errors) {
      assert.deepEqual(
        [...fields],
        [
          ['message', 'string'],
          ['hint', '?string'],
        ],
        name,
      );
    }
  });

  it('is what the socket tells, with the description of introspection itself', async () => {
    const bench = new Bench();
    await bench.server.listen();
    const client = await connect({ socket: bench.path });
    const info = await client.callAny('org.varlink.service.GetInfo');
    assert.deepEqual(info.interfaces, ['org.varlink.service', 'io.netconf']);
    assert.equal(info.version, '1.2.3');
    for (const each of ['org.varlink.service', 'io.netconf']) {
      const reply = await client.callAny('org.varlink.service.GetInterfaceDescription', { interface: each });
      assert.equal(readDescription(String(reply.description)).name, each);
    }
    await assert.rejects(
      client.callAny('org.varlink.service.GetInterfaceDescription', { interface: 'x.y' }),
      {
        error: 'org.varlink.service.InterfaceNotFound',
      },
    );
    client.close();
    await bench.close();
  });
});
