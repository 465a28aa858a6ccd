import { definePlugin, type Request } from 'netconf/plugin';
import { Accounts } from './accounts.ts';
import { unknownSteps } from './consistency.ts';
import { planOf } from './plan.ts';
import { Policies } from './policies.ts';
import { type RequestName, requestNames } from './policy.ts';
import { Reactions } from './reactions.ts';
import { interfaceOf, verdictOn } from './verdict.ts';

declare module 'netconf/plugin' {
  interface Events {
    /** What a policy says follows from what itself has led to, so many times in a row by now: done in so many seconds. */
    'policy.waits': { does: string; times: number; seconds: number; rule: string };
  }
}

/**
 * The administrator's policy: who may do what, which steps an operation takes, and what follows an event. Its files are
 * looked at whenever they are asked, so a change counts from the next request on.
 */
export default definePlugin({
  name: 'policy',
  version: '1.0.0',
  events: ['policy'],
  apply(netconf) {
    const { log } = netconf;
    const accounts = new Accounts();
    // Who does which step is known when all plugins have been applied.
    let ready = false;
    const policies = new Policies({
      directories: netconf.paths.policy,
      trust: path => netconf.trust(path),
      judge: policy => (ready ? unknownSteps(policy, netconf.steps(), true) : []),
      tell: (severity, sentence) => (severity === 'error' ? log.error(sentence) : log.warning(sentence)),
    });
    const reactions = new Reactions(netconf, (link, now) => policies.glance(link, now)?.policy);

    policies.readAll();
    netconf.onUnload(() => reactions.stop());
    netconf.on('daemon.reloaded', () => policies.readAll(netconf.paths.policy));
    netconf.on('*', event => reactions.on(event));
    netconf.hooks.explain.tap('[EVENT] do …', (notes, event) => {
      const file = event.interface === undefined ? undefined : policies.for(event.interface);
      return file === undefined ? undefined : [...notes, ...reactions.explain(event, file.path)];
    });
    netconf.hooks.ready.tap('steps of the policies', () => {
      ready = true;
      policies.judgeAll();
    });
    netconf.hooks.authorise.tap('sections [IFUP], [IFDOWN], [EMIT], [MANAGE]', request =>
      isPolicys(request) && !isOwner(request.peer.uid)
        ? verdictOn(request, policies.for(interfaceOf(request)), accounts)
        : undefined,
    );
    netconf.hooks.plan.tap('startat, prereq, [cfg]', request => {
      const file = policies.for(interfaceOf(request));
      return file === undefined ? undefined : planOf(file);
    });
  },
});

function isPolicys(request: Request): request is Request & { action: RequestName } {
  return (requestNames as readonly string[]).includes(request.action);
}

/** Root and the user that netconfd runs as could do it all without asking. */
function isOwner(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}
