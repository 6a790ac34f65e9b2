import { adviceOn } from '#core/model/store-advice';
import type { TokenStoreView } from '#core/model/token-store';
import type { Api } from './api.ts';
import { CliError } from './cli-error.ts';
import type { Status } from './commands/status.ts';
import type { Check, Session } from './session.ts';

/** Clocks of two machines may differ by so much before it matters. */
const CLOCK_SKEW_MS = 5000;

/** Checks of the server: reachable, its clock, its gateways. `isRunningHere`: it answered over the socket of this machine. */
export async function serverChecks(
  session: Session,
): Promise<{ readonly checks: Check[]; readonly isRunningHere: boolean }> {
  const api = await session.api();
  try {
    const status = await api.get<Status>('/status');
    const where = api.place.kind === 'socket' ? api.place.socketPath : api.place.url.origin;
    const checks: Check[] = [
      { name: 'manager', outcome: 'pass', message: `answers at ${where}, version ${status.version}.` },
    ];
    if (api.place.kind === 'url') checks.push(await skewCheck(session, api.place.url));
    for (const { name, state, lag, problem, address } of status.gateways) {
      const isWell = state === 'ready' && problem === undefined;
      checks.push({
        name: `gateway ${name}`,
        outcome: isWell ? (lag > 100 ? 'warn' : 'pass') : state === 'draining' ? 'warn' : 'fail',
        message: `${state} at ${address}${lag > 0 ? `, ${lag} changes behind` : ''}${problem === undefined ? '.' : `: ${problem}`}`,
      });
    }
    if (status.gateways.length === 0) {
      checks.push({
        name: 'gateways',
        outcome: 'warn',
        message: 'none has registered.',
        fixes: [{ text: 'Start one.', command: 'gatewright start' }],
      });
    }
    checks.push(...(await storeChecks(api)));
    return { checks, isRunningHere: api.place.kind === 'socket' };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const fixes = error.fixes.map(({ text, command }) => (command === undefined ? { text } : { text, command }));
    return {
      checks: [
        { name: 'manager', outcome: 'fail', message: [error.message, ...error.lines].join(' '), fixes },
        { name: 'gateways', outcome: 'skip', message: 'the manager did not tell.' },
      ],
      isRunningHere: false,
    };
  }
}

/** A check for each token store; none for those whose roles may not read them. */
async function storeChecks(api: Api): Promise<Check[]> {
  try {
    const stores = await api.list<TokenStoreView>('/token-stores');
    return stores.map(({ name, kind, isDefault, health: { state, ms, problem } }): Check => {
      const what = `${kind}${isDefault ? ', the default' : ''}`;
      const check = { name: `tokens ${name}` };
      if (state === 'away' || state === 'unused')
        return {
          ...{ ...check, outcome: 'fail', message: `${what}: ${problem ?? 'it is not open.'}` },
          fixes: [
            { text: adviceOn(problem ?? '') },
            { text: 'Then look again.', command: `gatewright token-store test ${name}` },
          ],
        };
      const outcome = state === 'slow' || problem !== undefined ? 'warn' : 'pass';
      return {
        ...check,
        outcome,
        message: `${what}, answers in ${ms} ms.${problem === undefined ? '' : ` ${problem}`}`,
      };
    });
  } catch (error) {
    if (error instanceof CliError && error.status === 403) return [];
    throw error;
  }
}

async function skewCheck(session: Session, url: URL): Promise<Check> {
  const { send } = await import('./http.ts');
  const { headers } = await send({ method: 'GET', url: new URL('/api/v1/version', url), timeoutMs: 10_000 });
  const theirs = Date.parse(headers.date ?? '');
  const skewMs = Math.abs(session.clock.now() - theirs);
  if (Number.isNaN(theirs)) return { name: 'clocks', outcome: 'skip', message: 'the manager did not tell the time.' };
  if (skewMs <= CLOCK_SKEW_MS)
    return { name: 'clocks', outcome: 'pass', message: 'this machine and the manager agree.' };
  return {
    name: 'clocks',
    outcome: 'warn',
    message: `they differ by ${Math.round(skewMs / 1000)} s.`,
    fixes: [{ text: 'Let both follow a time server.' }],
  };
}
