import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { until } from '../until.ts';

/** Milliseconds: programs begin slowly in User-mode Linux. */
const slow = 40_000;

/** Attaches the line discipline N_SLCAN (linux/tty.h) to a pseudo terminal: the kernel makes a link of it. */
const adapter = `
  open my $master, '+<', '/dev/ptmx' or die "ptmx: $!";
  my $number = pack 'i', 0;
  ioctl $master, 0x40045431, $number or die "TIOCSPTLCK: $!";
  ioctl $master, 0x80045430, $number or die "TIOCGPTN: $!";
  sysopen my $slave, '/dev/pts/' . unpack('i', $number), 0402 or die "pts: $!";
  my $discipline = pack 'i', 17;
  ioctl $slave, 0x5423, $discipline or die "TIOCSETD: $!";
  say 'ready';
  relay($master, sub { $_[0] =~ tr/\\r/\\n/r }, sub { "$_[0]\\r" });
`;

/** A raw socket (linux/can.h) on the link whose index is the first argument; frames as 123#AABB. */
const frames = `
  socket my $can, 29, 3, 1 or die "socket: $!";
  bind $can, pack 'S x2 i x16', 29, $ARGV[0] or die "bind: $!";
  say 'ready';
  relay($can,
    sub { my ($id, $size, $data) = unpack 'L C x3 a8', $_[0]; sprintf "%X#%s\\n", $id, uc unpack 'H*', substr $data, 0, $size },
    sub { my ($id, $data) = split /#/, $_[0]; pack 'L C x3 a8', hex $id, length($data) / 2, pack 'H*', $data });
`;

/** What comes from a file is printed; lines of standard input go to it. */
const relay = `
  use v5.14;
  $| = 1;
  sub relay {
    my ($file, $read, $write) = @_;
    while (1) {
      my $ready = '';
      vec($ready, fileno $_, 1) = 1 for $file, *STDIN;
      select $ready, undef, undef, undef;
      if (vec $ready, fileno $file, 1) { sysread $file, my $bytes, 4096 or exit; print $read->($bytes) }
      if (vec $ready, fileno STDIN, 1) {
        sysread STDIN, my $lines, 4096 or exit;
        syswrite $file, $write->($_) for split /\\n/, $lines;
      }
    }
  }
`;

/** A program that relays lines, until it is disposed of. */
class Relay implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #end: Promise<unknown>;
  #text = '';

  private constructor(command: string[], program: string, words: string[]) {
    const line = [...command, 'perl', '-e', `${relay}${program}`, ...words];
    this.#child = spawn(line[0]!, line.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
    this.#end = new Promise(resolve => this.#child.once('close', resolve));
  }

  static async start(command: string[], program: string, ...words: string[]): Promise<Relay> {
    const relay = new Relay(command, program, words);
    await until('the relay', () => relay.#text.startsWith('ready\n'), slow);
    return relay;
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** All lines so far. */
  get heard(): string[] {
    return this.#text.split('\n').slice(1, -1);
  }

  /** Waits until the last lines are these. */
  async hears(...lines: string[]): Promise<void> {
    await until(
      `${lines.join(' ')} at the end of`,
      () => this.heard.slice(-lines.length).join() === lines.join(),
      slow,
    ).catch((error: Error) => {
      throw new Error(`${error.message} ${this.heard.join(' ')}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#end;
  }
}

/**
 * A CAN controller on a serial line, whose link the kernel's slcan makes, in a namespace as `can0`. It hears the commands
 * of the driver (slcan.h): `S4` is a bit rate of 125000, `O` opens the channel, `L` only to listen, `C` closes it,
 * `t1232AABB` is a frame.
 */
export async function attachAdapter(netns: string): Promise<Relay> {
  const relay = await Relay.start([], adapter);
  execFileSync('ip', ['link', 'set', 'can0', 'netns', netns]);
  return relay;
}

/** A program of the machine with a socket on can0. */
export function openSocket(netns: string, index: number): Promise<Relay> {
  return Relay.start(['ip', 'netns', 'exec', netns], frames, String(index));
}
