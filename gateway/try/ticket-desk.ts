import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { openTicket, requestDigest, TICKET_LIFE_MS, type TryTicket } from '#core/try-ticket';

/** Looks at the tickets of requests. */
export interface TicketDesk {
  /**
   * What a request's ticket says. After this it cannot be used again.
   * @throws Refusal `try_ticket_invalid`
   */
  admit(text: string, request: { readonly method: string; readonly target: string }): Promise<TryTicket>;
}

/** What a desk works with. */
export interface TicketDeskDeps {
  readonly gatewayId: string;
  readonly clock: Clock;
  /** The manager's public key (SubjectPublicKeyInfo, base64url); undefined until the feed brought it. */
  publicKey(): string | undefined;
  /** True for the first use, over all workers of the gateway. */
  takeOnce(ticket: TryTicket): Promise<boolean>;
}

/** Makes the desk of a worker. */
export function createTicketDesk({ gatewayId, clock, publicKey, takeOnce }: TicketDeskDeps): TicketDesk {
  return {
    async admit(text, { method, target }) {
      const key = publicKey();
      const ticket = key === undefined ? undefined : openTicket(text, key);
      if (ticket === undefined) throw refuse('not signed by the manager');
      if (ticket.gatewayId !== gatewayId) throw refuse('for another gateway');
      if (ticket.request !== requestDigest(method, target)) throw refuse('for another request');
      const now = clock.now();
      // The second bound holds whatever the ticket says, also when the clocks of manager and gateway differ.
      if (ticket.endsAt <= now || ticket.endsAt - now > 2 * TICKET_LIFE_MS) throw refuse('ended, or the clocks differ');
      if (!(await takeOnce(ticket))) throw refuse('used before');
      return ticket;
    },
  };
}

function refuse(problem: string): Refusal {
  return new Refusal('try_ticket_invalid', { problem });
}
