import {
  type Command,
  flagsOf,
  type Option,
  type Program,
  standardOptions,
  type Term,
  usageOf,
} from '../core/base/program.ts';

/** A program's manual page in the man macros (groff_man(7)). `date` as YYYY-MM-DD. */
export function manual(program: Program, version: string, date: string): string {
  return [
    `.TH ${program.name.toUpperCase()} ${program.section} ${date} ${argument(`netconf ${version}`)} ${argument('System administration')}`,
    '.SH NAME',
    `${roff(program.name)} \\- ${roff(program.help)}`,
    '.SH SYNOPSIS',
    ...synopsis(program),
    '.SH DESCRIPTION',
    ...paragraphs(program.description ?? []),
    '.SH OPTIONS',
    ...[...(program.options ?? []), ...standardOptions].flatMap(option),
    ...(program.commands === undefined
      ? []
      : ['.SH COMMANDS', ...program.commands.flatMap(one => command(one))]),
    ...terms('EXIT STATUS', program.exit),
    ...terms('ENVIRONMENT', program.environment),
    ...terms('FILES', program.files),
    ...examples(program),
    '.SH SEE ALSO',
    program.seeAlso.map(reference).join(',\n'),
    '',
  ].join('\n');
}

function synopsis(program: Program): string[] {
  const options = [...(program.options ?? [])].map(bracketed).join(' ');
  const head = [`.SY ${roff(program.name)}`, options];
  if (program.commands !== undefined) head.push('.I COMMAND', roff('[ARGUMENT]...'));
  return [...head, '.YS'];
}

function bracketed(one: Option): string {
  const value = one.value === undefined ? '' : `\\ \\fI${roff(one.value)}\\fR`;
  return `[\\fB${roff(`--${one.name}`)}\\fR${value}]${one.many ? '\\&...' : ''}`;
}

function command(one: Command, path = ''): string[] {
  const name = `${path} ${one.name}`.trim();
  if (one.commands !== undefined) return one.commands.flatMap(below => command(below, name));
  const given = (one.arguments ?? []).map(usageOf).join(' ');
  const options = one.options === undefined || one.options.length === 0 ? '' : '[OPTION]... ';
  return [
    `.SS ${argument(`${name} ${options}${given}`.trim())}`,
    ...paragraphs([sentence(one.help), ...(one.description ?? [])]),
    ...(one.arguments ?? []).flatMap(({ name: called, help }) => term(`\\fI${roff(called)}\\fR`, help)),
    ...(one.options ?? []).flatMap(option),
  ];
}

function option(one: Option): string[] {
  const [flags = '', value] = flagsOf(one).split(/ (?=<)/);
  const shown = value === undefined ? '' : ` \\fI${roff(value.slice(1, -1))}\\fR`;
  return term(`\\fB${roff(flags)}\\fR${shown}`, one.help);
}

function term(tag: string, help: string): string[] {
  return ['.TP', tag, textLine(sentence(help))];
}

function terms(title: string, list: readonly Term[]): string[] {
  return [`.SH ${argument(title)}`, ...list.flatMap(({ name, help }) => term(`\\fB${roff(name)}\\fR`, help))];
}

function examples(program: Program): string[] {
  const all = allExamples(program);
  if (all.length === 0) return [];
  const lines = all.flatMap(({ name, help }) => [
    '.PP',
    textLine(sentence(help)),
    '.PP',
    '.EX',
    textLine(name),
    '.EE',
  ]);
  return ['.SH EXAMPLES', ...lines];
}

function allExamples(one: Command): Term[] {
  return [...(one.examples ?? []), ...(one.commands ?? []).flatMap(allExamples)];
}

function reference(page: string): string {
  const [, name = page, section = ''] = /^(.*)(\(\d\))$/.exec(page) ?? [];
  return `\\fB${roff(name)}\\fR${section}`;
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap(text => ['.PP', textLine(text)]);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('?') ? '' : '.'}`;
}

/** A text line: one that begins with a dot or an apostrophe would be a request. */
function textLine(text: string): string {
  return roff(text).replace(/^(?=[.'])/, '\\&');
}

/** A macro's argument. */
function argument(text: string): string {
  return `"${roff(text).replace(/"/g, '\\(dq')}"`;
}

const special: Record<string, string> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '…': '...',
};

/** Text with everything that groff would read or change written so that it prints as it is, to be copied. */
function roff(text: string): string {
  return text.replace(/[\\\-'`^~\u2026]/g, character => special[character] ?? character);
}
