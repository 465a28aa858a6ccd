import type { Program, Values } from '../../core/base/program.ts';
import { eventNames } from './event-names.ts';
import { argumentValues, lister, type Node, nodesOf, quote, spellings } from './nodes.ts';

/** A script for bash(1), without need of the bash-completion package. */
export function bash(programs: readonly Program[]): string {
  return `# bash completion; made by: netconf completion bash\n${programs.map(functionOf).join('')}`;
}

function functionOf(program: Program): string {
  const nodes = nodesOf(program);
  const valued = nodes.flatMap(node =>
    node.options
      .filter(option => option.value !== undefined)
      .map(option => ({ key: patterns(node, spellings(option)), values: option.complete })),
  );
  const paths = nodes.filter(node => node.path !== '').map(node => quote(node.path));
  return `
_${program.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at:$word" in
    ${valued.map(({ key }) => key).join('|\\\n    ')})
      # The next word is its value, not a command.
      i=$((i + 1))
      continue
      ;;
    esac
${paths.length === 0 ? '' : `    case "\${at:+$at }$word" in\n    ${paths.join('|')}) at=\${at:+$at }$word ;;\n    esac\n`}  done
  case "$at:$prev" in
${valued.map(({ key, values }) => `  ${key})\n    ${reply(values)}\n    return\n    ;;\n`).join('')}  esac
  case "$at" in
${nodes.map(nodeCase).join('')}  esac
}
complete -F _${program.name} ${program.name}
`;
}

function patterns(node: Node, words: readonly string[]): string {
  return words.map(word => quote(`${node.path}:${word}`)).join('|');
}

function nodeCase(node: Node): string {
  const options = node.options.flatMap(spellings).join(' ');
  const words =
    node.commands.length > 0
      ? `mapfile -t COMPREPLY < <(compgen -W ${quote(node.commands.map(one => one.name).join(' '))} -- "$cur")`
      : reply(argumentValues(node));
  return `  ${quote(node.path)})
    case "$cur" in
    -*) mapfile -t COMPREPLY < <(compgen -W ${quote(options)} -- "$cur") ;;
    *) ${words} ;;
    esac
    ;;
`;
}

function reply(values: Values | undefined): string {
  const fill = (generate: string) => `mapfile -t COMPREPLY < <(compgen ${generate} -- "$cur")`;
  switch (values) {
    case undefined:
      return ':';
    case 'file':
      return fill('-f');
    case 'directory':
      return fill('-d');
    case 'event':
      return fill(`-W ${quote(eventNames.join(' '))}`);
    case 'interface':
    case 'plugin':
      return fill(`-W "$(${lister[values]})"`);
    default:
      return fill(`-W ${quote(values.join(' '))}`);
  }
}
