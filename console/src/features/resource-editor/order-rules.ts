import type { Attachment, Endpoints } from '#core/model/endpoint';
import { PHASE_TITLES, PHASES, type Phase } from '#core/model/phase';
import type { Policy } from '#core/model/policy';
import { detach, move, placeOf } from './attachments.ts';

/** What the rules are asked about: one resource, or the project itself. */
export interface Flow {
  /** The endpoints that are being edited. */
  readonly endpoints: Endpoints;
  /** Those of the project, which run around the resource's; left out when the project's own are edited. */
  readonly around?: Endpoints;
  readonly policies: readonly Policy[];
}

/** Something about the order that cannot be meant. It is told, never forbidden. */
export interface OrderWarning {
  readonly rule: string;
  readonly sentence: string;
  /** One click that mends it; left out where it is not in what is being edited. */
  readonly fix?: { readonly title: string; readonly endpoints: Endpoints };
}

/** A policy as it runs at an endpoint. */
interface Step {
  readonly policy: Policy;
  /** True: it is among what is being edited. */
  readonly isOwn: boolean;
}

type Rule = (flow: Flow, phase: Phase, steps: readonly Step[]) => readonly OrderWarning[];

/** What the flow's order gives to think about. */
export function findOrderWarnings(flow: Flow): readonly OrderWarning[] {
  return PHASES.flatMap((phase) => {
    const steps = stepsAt(flow, phase);
    return RULES.flatMap((rule) => rule(flow, phase, steps));
  });
}

const isTokenCheck = ({ type }: Policy) => type === 'oauth-verify-access-token';

/** These answer every call that reaches them. */
const isAnswering = ({ type }: Policy) =>
  type === 'mock-answer' || type === 'oauth-token-endpoint' || type === 'oauth-authorization-endpoint';

/** A second token check asks what is known already, and fails when the first took the token out. */
const twoTokenChecks: Rule = (flow, phase, steps) => {
  const [first, second] = steps.filter(({ policy }) => isTokenCheck(policy));
  if (first === undefined || second === undefined) return [];
  // The one that is being edited can go; of two, the later one.
  const spare = second.isOwn ? second : first;
  return [
    {
      rule: 'two-token-checks',
      sentence: `${first.policy.displayName} and ${second.policy.displayName} both check the access token at ${PHASE_TITLES[phase]}. One is enough.`,
      ...(spare.isOwn && {
        fix: {
          title: `Detach ${spare.policy.displayName}`,
          endpoints: without(flow.endpoints, phase, spare.policy),
        },
      }),
    },
  ];
};

/** Behind a policy that answers, a token check lets everybody in: it is never asked. */
const checkBehindAnswer: Rule = (flow, phase, steps) => {
  const answer = steps.findIndex(({ policy }) => isAnswering(policy));
  const check = steps.findIndex(({ policy }, index) => index > answer && isTokenCheck(policy));
  const [answering, checking] = [steps[answer], steps[check]];
  if (answering === undefined || checking === undefined) return [];
  return [
    {
      rule: 'check-behind-answer',
      sentence: `${answering.policy.displayName} answers before ${checking.policy.displayName} is asked: calls without a token are answered too.`,
      ...(answering.isOwn &&
        checking.isOwn && {
          fix: {
            title: `Put ${checking.policy.displayName} first`,
            endpoints: before(flow.endpoints, phase, checking.policy, answering.policy),
          },
        }),
    },
  ];
};

/** Behind a policy that answers nothing else of the endpoint runs either. */
const neverRuns: Rule = (flow, phase, steps) => {
  const answer = steps.findIndex(({ policy }) => isAnswering(policy));
  const answering = steps[answer];
  if (answering === undefined) return [];
  const behind = steps.slice(answer + 1).filter(({ policy }) => !isTokenCheck(policy));
  const names = behind.map(({ policy }) => policy.displayName);
  if (names.length === 0) return [];
  return [
    {
      rule: 'never-runs',
      sentence: `${answering.policy.displayName} answers every call, so that what stands behind it at ${PHASE_TITLES[phase]} never runs: ${names.join(', ')}.`,
      ...(answering.isOwn && {
        fix: {
          title: `Put ${answering.policy.displayName} last`,
          endpoints: last(flow.endpoints, phase, answering.policy),
        },
      }),
    },
  ];
};

/** A header field that carries the token must not be changed before it is read. */
const tokenTakenAway: Rule = (flow, phase, steps) => {
  const check = steps.findIndex(({ policy }) => isTokenCheck(policy));
  const checking = steps[check];
  if (checking === undefined) return [];
  const field = tokenField(checking.policy);
  const taking = steps
    .slice(0, check)
    .find(({ policy }) => field !== undefined && changedFields(policy).includes(field));
  if (field === undefined || taking === undefined) return [];
  return [
    {
      rule: 'token-taken-away',
      sentence: `${taking.policy.displayName} changes the header field ${String(checking.policy.config.headerName)} before ${checking.policy.displayName} reads the token from it.`,
      ...(taking.isOwn &&
        checking.isOwn && {
          fix: {
            title: `Put ${checking.policy.displayName} first`,
            endpoints: before(flow.endpoints, phase, checking.policy, taking.policy),
          },
        }),
    },
  ];
};

const RULES: readonly Rule[] = [twoTokenChecks, checkBehindAnswer, neverRuns, tokenTakenAway];

/** The policies that run at an endpoint, in running order: the project's first on the way in, last on the way out. */
function stepsAt({ endpoints, around, policies }: Flow, phase: Phase): readonly Step[] {
  const own = stepsOf(endpoints[phase], policies, true);
  const others = around === undefined ? [] : stepsOf(around[phase], policies, false);
  return phase === 'proxyRequest' || phase === 'targetRequest' ? [...others, ...own] : [...own, ...others];
}

function stepsOf(attachments: readonly Attachment[], policies: readonly Policy[], isOwn: boolean): readonly Step[] {
  return attachments.flatMap(({ policy: name, enabled }) => {
    const policy = policies.find((known) => known.name === name);
    return enabled && policy !== undefined ? [{ policy, isOwn }] : [];
  });
}

/** The header field that carries the token, in lower case; `undefined` when it is looked for elsewhere. */
function tokenField({ config }: Policy): string | undefined {
  const { tokenIn, headerName } = config;
  const isRead = Array.isArray(tokenIn) && tokenIn.includes('header');
  return isRead && typeof headerName === 'string' ? headerName.toLowerCase() : undefined;
}

/** The header fields that a policy takes out or writes anew, in lower case. */
function changedFields({ type, config }: Policy): readonly string[] {
  if (type !== 'set-headers') return [];
  const { remove, set } = config;
  const removed = Array.isArray(remove) ? remove.map(String) : [];
  const written = Array.isArray(set) ? set.map((row: { readonly name?: unknown }) => String(row.name)) : [];
  return [...removed, ...written].map((name) => name.toLowerCase());
}

function without(endpoints: Endpoints, phase: Phase, policy: Policy): Endpoints {
  const place = placeOf(endpoints, phase, policy.name);
  return place === undefined ? endpoints : detach(endpoints, place);
}

/** The endpoints with `policy` right before `other`. */
function before(endpoints: Endpoints, phase: Phase, policy: Policy, other: Policy): Endpoints {
  const from = placeOf(endpoints, phase, policy.name);
  const to = placeOf(endpoints, phase, other.name);
  return from === undefined || to === undefined ? endpoints : move(endpoints, from, to);
}

function last(endpoints: Endpoints, phase: Phase, policy: Policy): Endpoints {
  const from = placeOf(endpoints, phase, policy.name);
  return from === undefined ? endpoints : move(endpoints, from, { phase, index: endpoints[phase].length - 1 });
}
