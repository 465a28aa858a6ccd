import type { Program, Values } from '../../core/base/program.ts';
import { eventNames } from './event-names.ts';
import { argumentValues, lister, type Node, nodesOf, quote, spellings } from './nodes.ts';

/** A script for zsh(1): a file `_netconf` on the `fpath`, or sourced. */
export function zsh(programs: readonly Program[]): string {
  const names = programs.map(program => program.name).join(' ');
  const dispatch = programs.map(({ name }) => `  ${name}) _${name}_words ;;\n`).join('');
  return `#compdef ${names}
# zsh completion; made by: netconf completion zsh
${programs.map(functionOf).join('')}
_netconf() {
  case \${service:-netconf} in
${dispatch}  esac
}
# As a file on the fpath it is called; sourced it registers itself.
if [ "$funcstack[1]" = _netconf ]; then
  _netconf "$@"
else
  compdef _netconf ${names}
fi
`;
}

function functionOf(program: Program): string {
  const nodes = nodesOf(program);
  const valued = nodes.flatMap(node =>
    node.options
      .filter(option => option.value !== undefined)
      .map(option => ({
        key: spellings(option)
          .map(word => quote(`${node.path}:${word}`))
          .join('|'),
        values: option.complete,
      })),
  );
  const paths = nodes.filter(node => node.path !== '').map(node => quote(node.path));
  return `
_${program.name}_words() {
  local at= word i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$at:$word" in
    ${valued.map(({ key }) => key).join('|\\\n    ')})
      i=$((i + 1))
      continue
      ;;
    esac
${paths.length === 0 ? '' : `    case "\${at:+$at }$word" in\n    ${paths.join('|')}) at="\${at:+$at }$word" ;;\n    esac\n`}  done
  case "$at:$words[CURRENT - 1]" in
${valued.map(({ key, values }) => `  ${key})\n    ${offer(values)}\n    return\n    ;;\n`).join('')}  esac
  case "$at" in
${nodes.map(nodeCase).join('')}  esac
}
`;
}

function nodeCase(node: Node): string {
  const options = node.options.flatMap(option =>
    spellings(option).map(word => quote(`${word}:${option.help}`)),
  );
  const commands = node.commands.map(command => quote(`${command.name}:${command.help}`));
  const words =
    commands.length > 0
      ? `found=(${commands.join(' ')})\n      _describe command found`
      : offer(argumentValues(node));
  return `  ${quote(node.path)})
    if [[ $words[CURRENT] == -* ]]; then
      found=(${options.join(' ')})
      _describe option found
    else
      ${words}
    fi
    ;;
`;
}

function offer(values: Values | undefined): string {
  switch (values) {
    case undefined:
      return ':';
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'event':
      return `compadd -- ${eventNames.join(' ')}`;
    case 'interface':
    case 'plugin':
      return `compadd -- \${(f)"$(${lister[values]})"}`;
    default:
      return `compadd -- ${values.join(' ')}`;
  }
}
