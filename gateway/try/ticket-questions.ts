/** A ticket, as far as using it once goes. */
interface Used {
  readonly id: string;
  readonly at: number;
  readonly endsAt: number;
}

/** A worker's questions to its primary, whether a ticket is used for the first time. */
export interface TicketQuestions {
  /** False too when no answer comes. */
  ask(ticket: Used): Promise<boolean>;
  answer(id: string, isFresh: boolean): void;
}

const PATIENCE_MS = 2000;

/** @param say tells the primary; its answer comes to `answer` */
export function createTicketQuestions(say: (ticket: Used) => void): TicketQuestions {
  const waiting = new Map<string, (isFresh: boolean) => void>();
  return {
    ask(ticket) {
      // The same ticket twice at once: the second is none, whatever the primary says of the first.
      if (waiting.has(ticket.id)) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(resolve, PATIENCE_MS, false);
      waiting.set(ticket.id, resolve);
      say(ticket);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(ticket.id);
      });
    },
    answer: (id, isFresh) => waiting.get(id)?.(isFresh),
  };
}
