import { writeSync } from 'node:fs';

/** Texts are bytes (latin1) in these programs: file and interface names, and what files say, need not be UTF-8. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** The program ends with this status; what there was to say has been said. */
export class Stop extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** Standard output and error of one program, with its name before each message as warnx(3) has it. */
export class Say {
  readonly program: string;
  readonly #write: (fd: 1 | 2, text: string) => void;
  #output = '';

  constructor(program: string, write = writeAll) {
    this.program = program;
    this.#write = write;
  }

  /** A line of standard output; kept until there is much of it, or until `flush`. */
  line(text: string): void {
    this.#output += `${text}\n`;
    if (this.#output.length > 65_536) this.flush();
  }

  /** A line of standard error as it is. */
  error(text: string): void {
    this.#write(2, `${text}\n`);
  }

  /** Standard error, not a whole line. */
  raw(text: string): void {
    this.#write(2, text);
  }

  warn(message: string): void {
    this.error(`${this.program}: ${message}`);
  }

  /** warnx(3), and the end. */
  fail(message: string): never {
    this.warn(message);
    throw new Stop(1);
  }

  usage(): never {
    return this.fail('Use --help for help');
  }

  flush(): void {
    const text = this.#output;
    this.#output = '';
    if (text !== '') this.#write(1, text);
  }
}

/** All of it, also to what somebody has made non-blocking; nobody reads: it is not said. */
function writeAll(fd: 1 | 2, text: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let rest = Buffer.from(text, 'latin1'); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}
