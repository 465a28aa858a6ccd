import { type Painter, visible } from '../core/base/terminal.ts';
import type { InterfaceStatus } from '../core/control/api.ts';
import { columns } from './columns.ts';

const colours = {
  down: 'yellow',
  configuring: 'yellow',
  configured: 'green',
  failed: 'red',
  deconfiguring: 'yellow',
} as const;

/** A line for each interface that netconf has configured, tried to, or works at. */
export function interfaceLines(interfaces: readonly InterfaceStatus[], paint: Painter): string[] {
  return columns(
    interfaces.map(one => [
      paint(
        'bold',
        visible(one.logical === one.interface ? one.interface : `${one.interface}=${one.logical}`),
      ),
      paint(colours[one.state], one.state),
      visible(one.stanzas.map(({ family, method }) => `${family} ${method}`).join(', ')),
      visible(remarks(one).join('; ')),
    ]),
  );
}

function remarks(one: InterfaceStatus): string[] {
  const { state, phase, step, outcome, message, waiting, prerequisites, neededBy, explicit } = one;
  return [
    ...(phase === undefined ? [] : [`at work: ${phase}${step === undefined ? '' : ` ${step}`}`]),
    ...(state === 'failed' ? [`${step ?? ''} ${outcome ?? ''}: ${message ?? ''}`.trim()] : []),
    ...(waiting === undefined ? [] : [`${waiting} waiting`]),
    ...(prerequisites.length === 0 ? [] : [`needs ${prerequisites.join(', ')}`]),
    ...(neededBy.length === 0 ? [] : [`needed by ${neededBy.join(', ')}${explicit ? '' : ' alone'}`]),
  ];
}
