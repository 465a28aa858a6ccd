import { declare } from './library.ts';

/** regex.h; the same numbers in glibc and musl. */
const REG_EXTENDED = 1;
const REG_NOSUB = 8;
/** regex_t takes 64 bytes in glibc and in musl; libc writes only what its own type has. */
const regexBytes = 512;

const regcomp = declare<[Buffer, Buffer, number]>(
  'int regcomp(_Inout_ void *compiled, const void *pattern, int flags)',
);
const regexec = declare<[Buffer, Buffer, number, null, number]>(
  'int regexec(const void *compiled, const void *text, size_t count, void *matches, int flags)',
);
const regerror = declare<[number, Buffer, Buffer, number], number | bigint>(
  'size_t regerror(int error, const void *compiled, _Out_ void *text, size_t size)',
);
const strerrorOf = declare<[number], string>('const char *strerror(int error)');

/**
 * Compiles a POSIX extended regular expression with libc's own regcomp(3), so that it means what it means to every
 * other program on the machine. The memory is freed with the process. Throws an Error with regerror(3)'s message.
 */
export function extendedRegex(pattern: string): (text: string) => boolean {
  const compiled = Buffer.alloc(regexBytes);
  const error = regcomp(compiled, terminated(pattern), REG_EXTENDED | REG_NOSUB);
  if (error !== 0) {
    const text = Buffer.alloc(256);
    const length = Number(regerror(error, compiled, text, text.length));
    throw new Error(text.toString('latin1', 0, length - 1));
  }
  return text => regexec(compiled, terminated(text), 0, null, 0) === 0;
}

/** The system's sentence for an errno, such as `No such file or directory`. */
export function strerror(errno: number): string {
  return strerrorOf(errno);
}

/** Both are byte strings (latin1): file names need not be UTF-8. */
function terminated(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}
