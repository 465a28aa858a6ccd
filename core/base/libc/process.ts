import { endianness } from 'node:os';
import { check, declare, errno, SystemError } from './library.ts';
import { pointersTo } from './texts.ts';

/** spawn.h; the same numbers in glibc and musl. */
const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
/** linux/wait.h, asm-generic/siginfo.h */
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const CLD_EXITED = 1;
const EINTR = 4;
const ECHILD = 10;
/** System calls from 424 on have one number on every architecture. */
const SYS_pidfd_open = 434;
const SYS_close_range = 436;
const CLOSE_RANGE_CLOEXEC = 4;

/*
 * posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t are opaque. On 64-bit glibc and musl they take 336, 80
 * and 128 bytes; the buffers are several times that, and libc writes only what its own type has. They lie outside
 * the JavaScript heap (more than 64 bytes) and libc keeps no address of them between calls.
 */
const attributeBytes = 1024;
const actionBytes = 512;
const signalSetBytes = 256;
const siginfoBytes = 256;

const attrInit = declare<[Buffer]>('int posix_spawnattr_init(_Inout_ void *attributes)');
const attrFlags = declare<[Buffer, number]>(
  'int posix_spawnattr_setflags(_Inout_ void *attributes, short flags)',
);
const attrGroup = declare<[Buffer, number]>(
  'int posix_spawnattr_setpgroup(_Inout_ void *attributes, int group)',
);
const attrDefault = declare<[Buffer, Buffer]>(
  'int posix_spawnattr_setsigdefault(_Inout_ void *attributes, const void *set)',
);
const attrMask = declare<[Buffer, Buffer]>(
  'int posix_spawnattr_setsigmask(_Inout_ void *attributes, const void *set)',
);
const emptySet = declare<[Buffer]>('int sigemptyset(_Out_ void *set)');
const actionsInit = declare<[Buffer]>('int posix_spawn_file_actions_init(_Inout_ void *actions)');
const actionsDestroy = declare<[Buffer]>('int posix_spawn_file_actions_destroy(_Inout_ void *actions)');
const actionsDup2 = declare<[Buffer, number, number]>(
  'int posix_spawn_file_actions_adddup2(_Inout_ void *actions, int from, int to)',
);
const actionsChdir = declare<[Buffer, string]>(
  'int posix_spawn_file_actions_addchdir_np(_Inout_ void *actions, const char *path)',
);
const posixSpawn = declare<
  [Buffer, string | Buffer, Buffer, Buffer, (string | Buffer | null)[], Uint32Array]
>(
  'int posix_spawn(_Out_ void *pid, const char *path, const void *actions, const void *attributes, const char **argv, const void *envp)',
);
const schedYield = declare<[]>('int sched_yield()');
const waitid = declare<[number, number, Buffer, number]>(
  'int waitid(int type, unsigned int id, _Out_ void *info, int options)',
);
const syscall2 = declare<[number, number, number], number | bigint>(
  'long syscall(long number, long first, long second)',
);
const syscall3 = declare<[number, number, number, number], number | bigint>(
  'long syscall(long number, long first, long second, long third)',
);

export interface SpawnRequest {
  /** Absolute, or with a slash: PATH is not searched. Bytes, here and in `argv`, must end in a NUL. */
  path: string | Buffer;
  argv: readonly (string | Buffer)[];
  /** `NAME=VALUE` each. */
  environment: readonly string[];
  /** Descriptors that the child gets as 0, 1, 2…; all others are closed on exec. */
  stdio: readonly number[];
  /** `group`: its own process group. `session`: its own session. `none`: the caller's. */
  isolation: 'group' | 'session' | 'none';
  cwd?: string;
  /**
   * What waits for this processor runs first, at most for a time slice (3 ms): the child shares it with us as a rule,
   * and would otherwise begin when we next have nothing to do.
   */
  first?: boolean;
}

/**
 * posix_spawn(3): all signals at their default and none blocked in the child. Throws {@link SystemError} with the
 * error of exec, such as `ENOENT`, `ENOEXEC`, `EACCES`, `E2BIG` or `ETXTBSY`: like execv, no shell is tried.
 */
export function spawnProcess(request: SpawnRequest): number {
  succeed(
    `exec ${request.path.toString().replace(/\0$/, '')}`,
    posixSpawn(
      pid,
      request.path,
      actionsOf(request.stdio, request.cwd),
      attributes(request.isolation),
      [...request.argv, null],
      pointersTo(request.environment),
    ),
  );
  if (request.first === true) schedYield();
  return endianness() === 'LE' ? pid.readInt32LE() : pid.readInt32BE();
}

// Outside the JavaScript heap, as all that C is to write to.
const pid = Buffer.allocUnsafeSlow(128);

/** Works out before a spawn what these descriptors, the same array, and this directory mean for it. Throws SystemError. */
export function prepareSpawn(stdio: readonly number[], cwd: string): void {
  prepared.set(stdio, { cwd, actions: actionsOf(stdio, cwd) });
}

let prepared = new WeakMap<readonly number[], { cwd: string; actions: Buffer }>();
const knownActions = new Map<string, Buffer>();
const mostActions = 256;

/**
 * What the child does with its descriptors before exec. Descriptors have the same few numbers again and again, and the
 * numbers are all that libc keeps: so are the lists of what to do.
 */
function actionsOf(stdio: readonly number[], cwd: string | undefined): Buffer {
  const ready = prepared.get(stdio);
  if (ready !== undefined && ready.cwd === cwd) return ready.actions;
  const key = `${stdio.join()}:${cwd ?? ''}`;
  const known = knownActions.get(key);
  if (known !== undefined) return known;
  if (knownActions.size >= mostActions) {
    for (const old of knownActions.values()) actionsDestroy(old);
    knownActions.clear();
    prepared = new WeakMap();
  }
  const actions = Buffer.alloc(actionBytes);
  succeed('posix_spawn_file_actions_init', actionsInit(actions));
  for (const [to, from] of stdio.entries()) {
    // A descriptor onto itself clears its close-on-exec flag (POSIX.1-2024; glibc 2.29, musl 1.1).
    succeed('posix_spawn_file_actions_adddup2', actionsDup2(actions, from, to));
  }
  if (cwd !== undefined) {
    succeed('posix_spawn_file_actions_addchdir_np', actionsChdir(actions, cwd));
  }
  knownActions.set(key, actions);
  return actions;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  status: number | null;
  /** The number of the signal. */
  signal: number | null;
}

const info = Buffer.alloc(siginfoBytes);
// siginfo_t: three ints, then a union that holds pointers and is aligned like one; si_pid, si_uid, si_status there.
const pointerBytes = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;
const statusOffset = (pointerBytes === 8 ? 16 : 12) + 8;

/**
 * waitid(2) for one child of ours. `keep`: leave it as a zombie, so that its process group's number is not given to
 * others. Without `block`, undefined while it runs. A child that somebody else has reaped counts as ended.
 */
export function waitProcess(pid: number, how: { block?: boolean; keep?: boolean } = {}): Exit | undefined {
  const options = WEXITED | (how.block ? 0 : WNOHANG) | (how.keep ? WNOWAIT : 0);
  for (;;) {
    info.fill(0, 0, 48);
    if (waitid(P_PID, pid, info, options) < 0) {
      const error = errno();
      if (error === EINTR) continue;
      if (error === ECHILD) return { status: null, signal: null };
      throw new SystemError('waitid', error);
    }
    const int = (offset: number) =>
      endianness() === 'LE' ? info.readInt32LE(offset) : info.readInt32BE(offset);
    if (int(0) === 0) return undefined;
    const value = int(statusOffset);
    return int(8) === CLD_EXITED ? { status: value, signal: null } : { status: null, signal: value };
  }
}

/** A descriptor that polls readable when the process has ended (pidfd_open(2), Linux 5.3; one number everywhere). */
export function processDescriptor(pid: number): number {
  return check('pidfd_open', Number(syscall2(SYS_pidfd_open, pid, 0)));
}

/**
 * Marks every descriptor from 3 on as closed on exec, those that whoever started this process left open included
 * (close_range(2), Linux 5.11; without it, those few stay open in children).
 */
export function hideDescriptors(): void {
  syscall3(SYS_close_range, 3, 0x7fff_ffff, CLOSE_RANGE_CLOEXEC);
}

const knownAttributes = new Map<SpawnRequest['isolation'], Buffer>();

function attributes(isolation: SpawnRequest['isolation']): Buffer {
  const known = knownAttributes.get(isolation);
  if (known !== undefined) return known;
  const made = Buffer.alloc(attributeBytes);
  const set = Buffer.alloc(signalSetBytes);
  succeed('posix_spawnattr_init', attrInit(made));
  const own =
    isolation === 'group' ? POSIX_SPAWN_SETPGROUP : isolation === 'session' ? POSIX_SPAWN_SETSID : 0;
  succeed('posix_spawnattr_setflags', attrFlags(made, own | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  succeed('posix_spawnattr_setpgroup', attrGroup(made, 0));
  // Not sigfillset(3): it leaves out the signals that threads use, and libc then sets those to be ignored.
  set.fill(0xff);
  succeed('posix_spawnattr_setsigdefault', attrDefault(made, set));
  emptySet(set);
  succeed('posix_spawnattr_setsigmask', attrMask(made, set));
  knownAttributes.set(isolation, made);
  return made;
}

/** The posix_spawn family returns the error instead of setting errno. */
function succeed(call: string, error: number): void {
  if (error !== 0) throw new SystemError(call, error);
}
