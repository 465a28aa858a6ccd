import {
  addressText,
  broadcastOf,
  contains,
  networkOf,
  type Prefix,
  prefixText,
  sameAddress,
  widths,
} from './addresses.ts';
import { comesAndGoes, type InterfaceAddress, type Network } from './model.ts';
import type { Problems } from './problem.ts';
import { type Place, placeText } from './source.ts';

/** What the network around an address says. */
interface Around {
  network4: Prefix | undefined;
  network6: Prefix | undefined;
  /** Of the option that says the broadcast address. */
  broadcastPlace: Place | undefined;
}

/** Does an address fit the network around it, and its broadcast address both? */
export function checkAddress(
  { address, length, broadcast, peer, place }: InterfaceAddress,
  { network4, network6, broadcastPlace = place }: Around,
  problems: Problems,
): void {
  const declared = address.family === 4 ? network4 : network6;
  const network = networkOf(address, length);
  const text = addressText(address);
  if (address.value === 0n) problems.error(place, `${text} is no address of a host`);
  if (declared !== undefined && !contains(declared, address)) {
    problems.error(place, `${text} is not in the network ${prefixText(declared)}`);
  } else if (peer === undefined && length < widths[address.family] - 1) {
    if (sameAddress(network, address) && address.family === 4)
      problems.error(place, `${text} is the network ${prefixText(network)} itself`);
    else if (address.family === 4 && sameAddress(broadcastOf(network), address))
      problems.error(place, `${text} is the broadcast address of ${prefixText(network)}`);
  }
  if (broadcast === undefined || peer !== undefined) return;
  const usual = broadcastOf(network);
  if (sameAddress(broadcast, usual)) return;
  const hint = `that of ${prefixText(network)} is ${addressText(usual)}`;
  // All bits 0 was the broadcast address of 4.2BSD.
  if (sameAddress(broadcast, network))
    problems.warn(
      broadcastPlace,
      `an unusual broadcast address for ${text}: ${addressText(broadcast)}`,
      hint,
    );
  else
    problems.error(
      broadcastPlace,
      `the broadcast address ${addressText(broadcast)} does not fit ${text}/${length}`,
      hint,
    );
}

/** What networks contradict each other in. */
export function checkNetworks(networks: readonly Network[], problems: Problems): void {
  const addresses = new Map<string, InterfaceAddress>();
  const spans: { prefix: Prefix; network: Network }[] = [];
  for (const network of networks) {
    for (const one of network.interfaces) {
      if (one.enabled === false) continue;
      for (const each of one.addresses) {
        const key = addressText(each.address);
        const before = addresses.get(key);
        // Every point-to-point link may have the same address at this end.
        if (before !== undefined && each.peer === undefined)
          problems.error(
            each.place,
            `the address ${key} is given twice`,
            `the other one is at ${placeText(before.place)}`,
          );
        addresses.set(key, each);
      }
      if (
        one.defaultRoute === true &&
        !comesAndGoes(one) &&
        one.addresses.every(({ peer }) => peer === undefined) &&
        one.inet === undefined &&
        one.inet6 === undefined &&
        one.tunnel === undefined
      )
        problems.warn(
          one.place,
          `setdefaultroute sends everything to ${one.name} without a gateway`,
          'route default { gatewayv4 … } names one',
        );
    }
    if (network.interfaces.some(({ enabled }) => enabled !== false))
      for (const prefix of network.prefixes) spans.push({ prefix, network });
  }
  checkOverlaps(spans, problems);
}

/** Networks of interfaces that contain each other: packets would go to the narrower one. */
function checkOverlaps(spans: { prefix: Prefix; network: Network }[], problems: Problems): void {
  const order = spans.toSorted(
    ({ prefix: a }, { prefix: b }) =>
      a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length),
  );
  let wide: (typeof order)[number] | undefined;
  for (const span of order) {
    if (wide !== undefined && contains(wide.prefix, span.prefix) && wide.network !== span.network) {
      const { name, place } = wide.network;
      problems.warn(
        span.network.place,
        `${prefixText(span.prefix)} of "${span.network.name}" overlaps ${prefixText(wide.prefix)} of "${name}"`,
        `at ${placeText(place)}`,
      );
    }
    if (wide === undefined || !contains(wide.prefix, span.prefix)) wide = span;
  }
}
