import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

/** A method for one link; steps go up in this order, and down the other way round. */
export interface Step {
  method: string;
  on: string;
  variables: Record<string, string>;
}

export interface Build {
  title: string;
  /** Modules of the kernel that it needs. */
  modules?: string[];
  /** `ip` lines before all. */
  before?: string[];
  steps: Step[];
  /** The same steps after their stanza was changed. */
  changed?: Step[];
  /** Links that are left as they are made ready: parents. */
  stays?: string[];
  /** How many changes there are to fail at. */
  changes: number;
}

/** Each change of the kernel by these methods fails once. */
export function cutOff(builds: readonly Build[], under: readonly string[] = shells): void {
  for (const shell of under) {
    describe(`under ${shell}, methods cut off`, function () {
      this.timeout(240_000);
      before(function () {
        needs(this, { root: true, programs: ['ip', ...shell.split(' ').slice(0, 1)] });
      });
      for (const build of builds) {
        describe(build.title, () => {
          before(function () {
            needs(this, { modules: build.modules ?? [] });
          });
          cutOffOne(shell, build);
        });
      }
    });
  }
}

function cutOffOne(shell: string, { before: lines = [], steps, changed, stays = [], changes }: Build): void {
  it('on the way up name the change that failed, and give back all that they changed', () => {
    eachChange(changes, (ground, nth) => {
      const failure = up(ground, steps, failingIp(ground, nth));
      down(ground, steps);
      return failure;
    });
  });

  it('on the way up complete it when they are run again', () => {
    eachChange(changes, (ground, nth) => {
      const failure = up(ground, steps, failingIp(ground, nth));
      assert.equal(up(ground, steps), undefined);
      assertComplete(ground, steps, stays);
      down(ground, steps);
      return failure;
    });
  });

  if (changed !== undefined)
    it('while a changed stanza is followed complete that when they are run again, and give back all', () => {
      eachChange(1, (ground, nth) => {
        assert.equal(up(ground, steps), undefined);
        const failure = up(ground, changed, failingIp(ground, nth));
        assert.equal(up(ground, changed), undefined);
        assertComplete(ground, changed, stays);
        down(ground, changed);
        return failure;
      });
    });

  it('on the way down finish it when they are run again', () => {
    eachChange(1, (ground, nth) => {
      assert.equal(up(ground, steps), undefined);
      const failure = down(ground, steps, failingIp(ground, nth));
      down(ground, steps);
      return failure;
    });
  });

  /** Until nothing fails any more; the state is the same after each attempt as before. */
  function eachChange(least: number, attempt: (ground: Ground, nth: number) => string | undefined): void {
    let ground = groundOf(lines);
    try {
      let before = state(ground, stays);
      for (let nth = 1; nth < 40; nth++) {
        const failure = attempt(ground, nth);
        assert.deepEqual(state(ground, stays), before, `change ${nth}`);
        for (const step of steps) assert.equal(ground.handleText(handleOf(step)), undefined, `change ${nth}`);
        if (failure === undefined) {
          assert.ok(nth > least, `${nth - 1} changes`);
          return;
        }
        assert.match(failure, /: ip link (add|set|del) .*: Made to fail\n/, `change ${nth}`);
        // What is left ready would not be made ready again.
        if (stays.length > 0) {
          ground[Symbol.dispose]();
          ground = groundOf(lines);
          before = state(ground, stays);
        }
      }
      assert.fail('it always fails');
    } finally {
      ground[Symbol.dispose]();
    }
  }

  function groundOf(lines: readonly string[]): Ground {
    const ground = new Ground(shell);
    for (const line of lines) ground.ip(line);
    return ground;
  }
}

const handleOf = ({ method, on, variables }: Step) => `${method}-${variables.MEMBER ?? on}`;

/** What the first that failed said; the others do not begin then. */
function up(ground: Ground, steps: readonly Step[], standIns?: string): string | undefined {
  for (const step of steps) {
    const { method, on, variables } = step;
    const options = { interface: on, handle: handleOf(step), ...(standIns !== undefined && { standIns }) };
    const { status, stderr } = ground.method(method, 'up', { ...variables, STANZA: 'inet-manual' }, options);
    if (status !== 0) return stderr;
  }
  return undefined;
}

/** What the first that failed said; the others go on. */
function down(ground: Ground, steps: readonly Step[], standIns?: string): string | undefined {
  const failures = steps.toReversed().map(step => {
    const { method, on, variables } = step;
    const options = { interface: on, handle: handleOf(step), ...(standIns !== undefined && { standIns }) };
    const { MEMBER = '' } = variables;
    const { status, stderr } = ground.method(method, 'down', { MEMBER, STANZA: 'inet-manual' }, options);
    return status === 0 ? undefined : stderr;
  });
  return failures.find(failure => failure !== undefined);
}

function assertComplete(ground: Ground, steps: readonly Step[], ready: readonly string[]): void {
  for (const link of ready) assert.ok(ground.isUp(link), `${link} is up`);
  for (const step of steps) {
    const said = ground.query(step.method, step.variables, { interface: step.on, handle: handleOf(step) });
    assert.match(said, /^(present .*\n)+$/);
  }
}

/** All that these methods may change, without what the kernel rolls dice for. */
export function state(ground: Ground, without: readonly string[] = []): unknown {
  const links = ground.json<Record<string, unknown>>('-d link');
  return links
    .filter(({ ifname }) => !without.includes(ifname as string))
    .map(({ ifname, flags, mtu, master, address, linkinfo, inet6_addr_gen_mode }) => {
      const { info_kind, info_slave_kind } = (linkinfo ?? {}) as Record<string, string>;
      const own = (flags as string[]).filter(flag => flag === 'UP');
      return { ifname, own, mtu, master, address, info_kind, info_slave_kind, inet6_addr_gen_mode };
    });
}

/** A folder with an `ip` that fails at its nth change, and counts them in the file `count`. */
function failingIp(ground: Ground, nth: number): string {
  const folder = join(ground.directory, 'stand-ins');
  mkdirSync(folder, { recursive: true });
  const count = join(folder, 'count');
  rmSync(count, { force: true });
  const real = process.env
    .PATH!.split(':')
    .map(each => join(each, 'ip'))
    .find(each => existsSync(each));
  writeFileSync(
    join(folder, 'ip'),
    `#!/bin/sh
case "$1 $2" in
'link add' | 'link set' | 'link del')
  n=$(($(cat ${count} 2>/dev/null || echo 0) + 1)); echo $n >${count}
  [ $n != ${nth} ] || { echo 'RTNETLINK answers: Made to fail' >&2; exit 2; } ;;
esac
exec ${real} "$@"
`,
  );
  chmodSync(join(folder, 'ip'), 0o755);
  return folder;
}
