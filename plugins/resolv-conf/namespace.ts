import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/**
 * Whether this process is in the network namespace that the machine started in: that of process 1. Where that must not be
 * seen (ptrace(2) says whose may), it is in another one when one of its ancestors is, or when its own has a name
 * (ip-netns(8)).
 */
export function isOfThisMachine(): boolean {
  const own = namespaceOf('self');
  const first = namespaceOf('1');
  if (own === undefined || first !== undefined) return own === first;
  return ownName() === undefined && ancestors().every(pid => (namespaceOf(pid) ?? own) === own);
}

/** Whether a path is a mount of its own, as `ip netns exec` and containers make of resolv.conf. */
export function isMount(path: string): boolean {
  return (textOf('/proc/self/mountinfo') ?? '').split('\n').some(line => line.split(' ')[4] === path);
}

/**
 * Where a file of /etc lies that `ip netns exec` has mounted there for this namespace: the directory around the mount is
 * the machine's. Any other path is returned as it is.
 */
export function mountedFrom(path: string): string {
  const name = isMount(path) ? ownName() : undefined;
  if (name === undefined) return path;
  const source = path.replace(/^\/etc\//, `/etc/netns/${name}/`);
  return source !== path && isSame(source, path) ? source : path;
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** The name of this network namespace (ip-netns(8)); undefined of one without. */
function ownName(): string | undefined {
  try {
    return readdirSync('/run/netns').find(name => isSame(`/run/netns/${name}`, '/proc/self/ns/net'));
  } catch {
    return undefined;
  }
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map(path => statSync(path, { throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

function ancestors(): string[] {
  const found: string[] = [];
  for (let pid = 'self'; found.length < 64; ) {
    const parent = /^PPid:\t(\d+)$/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
    if (parent === undefined || parent === '0') break;
    found.push(parent);
    pid = parent;
  }
  return found;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
