import type { Clock } from '#core/clock';
import { Refusal, UnavailableError } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import { reasonOf } from '#core/reasons/catalogue';
import type { SubscriptionTokens } from '#core/token-issuer';
import type { TryTicket } from '#core/try-ticket';
import { checkTarget } from './target-check.ts';

/** What a gateway does for the manager only, with a ticket. */
export interface InternalServices {
  readonly clock: Clock;
  readonly tokens: SubscriptionTokens;
}

/** The group that the gateway belongs to. */
export interface InternalPlace {
  readonly id: string;
  readonly name: string;
}

/** Answers a ticket that is no call to what is deployed. What cannot be done is told as a sentence: the manager reads it, no caller does. */
export async function answerInternal(
  ticket: Exclude<TryTicket, { use: 'try' }>,
  group: InternalPlace,
  { clock, tokens }: InternalServices,
): Promise<HttpResponse> {
  if (ticket.use === 'check') return json(await checkTarget(ticket.url, clock));
  try {
    return json(await tokens.issueFor(ticket.subscriptionId, group.id));
  } catch (error) {
    if (error instanceof UnavailableError) return json({ problem: `The token store cannot be used: ${error.message}` });
    if (!(error instanceof Refusal)) throw error;
    const place = { method: '', path: '', serverGroup: group.name, project: '', projectTitle: '', policy: '' };
    return json({ problem: reasonOf(error.code).sentence({ ...place, facts: error.facts }) });
  }
}

function json(body: object): HttpResponse {
  return {
    status: 200,
    headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'no-store']),
    body: JSON.stringify(body),
  };
}
