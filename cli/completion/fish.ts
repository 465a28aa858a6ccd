import type { Program, Values } from '../../core/base/program.ts';
import { eventNames } from './event-names.ts';
import { argumentValues, lister, type Node, nodesOf, spellings } from './nodes.ts';

/** A script for fish(1). */
export function fish(programs: readonly Program[]): string {
  return `# fish completion; made by: netconf completion fish\n${programs.map(linesOf).join('')}`;
}

function linesOf(program: Program): string {
  const nodes = nodesOf(program);
  const at = `__${program.name}_at`;
  const paths = nodes.filter(node => node.path !== '').map(node => quoted(node.path));
  const valued = nodes.flatMap(node =>
    node.options
      .filter(option => option.value !== undefined)
      .flatMap(option => spellings(option).map(word => quoted(`${node.path}:${word}`))),
  );
  const step =
    paths.length === 0
      ? ''
      : `
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        # The value of an option is not a command.
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$at:$word"
            case ${valued.join(' ')}
                set skip 1
                continue
        end
        switch (string trim -- "$at $word")
            case ${paths.join(' ')}
                set at (string trim -- "$at $word")
        end
    end`;
  return `
function ${at}
    set -l at ''${step}
    test "$at" = "$argv[1]"
end
complete -c ${program.name} -f
${nodes.flatMap(node => nodeLines(program.name, at, node)).join('\n')}
`;
}

function nodeLines(program: string, at: string, node: Node): string[] {
  const head = `complete -c ${program} -n ${quoted(`${at} '${node.path}'`)}`;
  const commands = node.commands.map(
    command => `${head} -a ${quoted(command.name)} -d ${quoted(command.help)}`,
  );
  const options = node.options.map(option => {
    const short = option.short === undefined ? '' : ` -s ${option.short}`;
    const value =
      option.value === undefined
        ? ''
        : ` ${option.complete === 'file' ? '-r' : '-x'}${offer(option.complete)}`;
    return `${head}${short} -l ${option.name}${value} -d ${quoted(option.help)}`;
  });
  const values = argumentValues(node);
  return [...commands, ...options, ...(values === undefined ? [] : [`${head}${offer(values)}`])];
}

function offer(values: Values | undefined): string {
  switch (values) {
    case undefined:
      return '';
    case 'file':
      return ' -F';
    case 'directory':
      return " -a '(__fish_complete_directories)'";
    case 'event':
      return ` -a ${quoted(eventNames.join(' '))}`;
    case 'interface':
    case 'plugin':
      return ` -a ${quoted(`(${lister[values]})`)}`;
    default:
      return ` -a ${quoted(values.join(' '))}`;
  }
}

/** Within single quotes fish knows `\\'` and `\\\\`. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
