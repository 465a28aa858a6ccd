import type { FirewallEnd, FirewallRule, Reversible } from 'netconf/plugin';
import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { addressText, prefixText } from '../../plugins/network-file/language/addresses.ts';
import type { Interface, Model, Route } from '../../plugins/network-file/language/model.ts';
import { unitsOf } from '../../plugins/network-file/units.ts';
import { columns } from '../columns.ts';
import { complain, status } from '../failure.ts';
import { writeJson, writeLine } from '../output.ts';
import { fileOf, readFrom } from './location.ts';
import { writeProblems } from './problems.ts';

/** Shows what the network file comes to: defaults worked out, names looked up. Status 1 where it has errors. */
export async function show(choice: Choice): Promise<number> {
  const file = await fileOf(choice);
  const configuration = readFrom(file, choice.arguments.length > 0);
  const { model, hasErrors, texts, problems } = configuration;
  if (texts.size === 0 && problems.length === 0) {
    complain(`${file}: there is no such file`);
    return status.failed;
  }
  if (hasErrors) {
    await writeProblems(configuration);
    return status.failed;
  }
  if (choice.flag('json')) await writeJson(jsonOf(model));
  else for (const line of linesOf(model)) await writeLine(line);
  return status.success;
}

function linesOf(model: Model): string[] {
  const rows: string[][] = [];
  for (const { name, prefixes, interfaces } of model.networks) {
    rows.push(['network', name, prefixes.map(prefixText).join(' ')]);
    for (const one of interfaces) rows.push(['', one.name, interfaceText(one)]);
  }
  for (const route of model.routes) rows.push(['route', routeTarget(route), routeWay(route)]);
  for (const { name, ports, stp } of model.bridges)
    rows.push(['bridge', name, `${ports.join(' ')}${stp ? ' stp' : ''}`]);
  for (const rule of model.rules) rows.push(['rule', '', ruleText(rule)]);
  return columns(rows.map(row => row.map(cell => visible(cell))));
}

function interfaceText(one: Interface): string {
  const { addresses, inet, inet6, tunnel, defaultRoute, enabled, settings } = one;
  return [
    ...addresses.map(({ address, length, broadcast, peer }) => {
      const more = `${broadcast === undefined ? '' : ` broadcast ${addressText(broadcast)}`}${peer === undefined ? '' : ` to ${addressText(peer)}`}`;
      return `${addressText(address)}/${length}${more}`;
    }),
    ...(inet === undefined ? [] : [inet]),
    ...(inet6 === undefined ? [] : [`IPv6 ${inet6}`]),
    ...(tunnel === undefined ? [] : [`tunnel to ${addressText(tunnel)}`]),
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
    ...(defaultRoute === undefined || defaultRoute === false
      ? []
      : [`default route${defaultRoute === 'onconnect' ? ' when connected' : ''}`]),
    ...(enabled === true ? [] : [enabled === false ? 'disabled' : 'when its link comes']),
  ].join(', ');
}

function routeTarget({ destination }: Route): string {
  return destination.length === 0 ? 'default' : prefixText(destination);
}

function routeWay({ gateway, interface: on, metric, table, source }: Route): string {
  return [
    ...(gateway === undefined ? [] : [`via ${addressText(gateway)}`]),
    `dev ${on}`,
    ...(metric === undefined ? [] : [`metric ${metric}`]),
    ...(table === undefined ? [] : [`table ${table}`]),
    ...(source === undefined ? [] : [`src ${addressText(source)}`]),
  ].join(' ');
}

function ruleText(rule: FirewallRule): string {
  const { from, to, action, log, monitor, setMark, setTos, bidirectional } = rule;
  const matches = [
    reversible('protocol ', rule.protocol),
    reversible('first packet', rule.firstPacket),
    reversible('fragment', rule.fragment),
    reversible('mark ', rule.mark),
    reversible('tos ', rule.tos),
  ].filter(text => text !== '');
  const deeds = [
    ...(log === undefined ? [] : [log === true ? 'log' : `log "${log}"`]),
    ...(monitor === undefined ? [] : [`monitor ${monitor}`]),
    ...(setMark === undefined ? [] : [`set mark ${setMark}`]),
    ...(setTos === undefined ? [] : [`set tos ${setTos}`]),
    ...(action.kind === 'none' ? [] : [actionText(action)]),
  ];
  const ends = `${endsText('from', from)}${endsText('to', to)}`;
  const both = bidirectional ? ', both ways' : '';
  return `${ends}${matches.length > 0 ? `${matches.join(', ')} ` : ''}→ ${deeds.join(', ')}${both}`;
}

function endsText(word: string, ends: readonly FirewallEnd[]): string {
  return ends.length === 0 ? '' : `${word} ${ends.map(endText).join(' or ')} `;
}

function endText({ not, network, addresses, ports }: FirewallEnd): string {
  const who = network ?? addresses?.join(' ') ?? 'everywhere';
  const which = ports?.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',');
  return `${not ? 'not ' : ''}${who}${which === undefined ? '' : `/${which}`}`;
}

function reversible(name: string, match: Reversible<string | number | true> | undefined): string {
  if (match === undefined) return '';
  return `${match.not ? 'not ' : ''}${name}${match.value === true ? '' : match.value}`;
}

function actionText(action: FirewallRule['action']): string {
  if (action.kind === 'redirect')
    return `redirect to ${action.address}${action.port === undefined ? '' : ` port ${action.port}`}`;
  if (action.kind === 'transproxy') return `transproxy to port ${action.port}`;
  return 'direction' in action && action.direction !== undefined
    ? `${action.kind} ${action.direction}`
    : action.kind;
}

/** Addresses as text; places left out. */
function jsonOf(model: Model): object {
  return {
    networks: model.networks.map(({ name, prefixes, interfaces }) => ({
      name,
      prefixes: prefixes.map(prefixText),
      interfaces: interfaces.map(one => one.name),
    })),
    interfaces: [...unitsOf(model).values()].map(({ name, enabled, classes, stanzas, prerequisites }) => ({
      name,
      enabled,
      classes,
      prerequisites,
      stanzas: stanzas.map(({ family, method, step, place, options }) => ({
        family,
        method,
        step,
        place,
        options,
      })),
    })),
    bridges: model.bridges.map(({ name, networks, ports, stp }) => ({ name, networks, ports, stp })),
    routes: model.routes.map(({ destination, gateway, interface: on, metric, table, source }) => ({
      destination: destination.length === 0 ? 'default' : prefixText(destination),
      family: destination.family === 4 ? 'inet' : 'inet6',
      ...(gateway !== undefined && { gateway: addressText(gateway) }),
      interface: on,
      ...(metric !== undefined && { metric }),
      ...(table !== undefined && { table }),
      ...(source !== undefined && { source: addressText(source) }),
    })),
    rules: model.rules,
  };
}
