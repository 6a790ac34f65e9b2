/** How long an answer of the database is good for when nothing was committed meanwhile. */
const KEPT_MS = 30_000;

/** When it is asked, and which commit was the last then: both epoch ms. */
export interface Moment {
  readonly at: number;
  readonly commit: number;
}

/** Keeps one answer that every page asks for: until the next commit that gateways hear of, and for half a minute at most. */
export interface Memo<Answer> {
  of(moment: Moment, ask: () => Promise<Answer>): Promise<Answer>;
}

/** An empty one. Whoever asks while the answer is made waits for the same one. */
export function createMemo<Answer>(): Memo<Answer> {
  let kept: { readonly moment: Moment; readonly answer: Promise<Answer> } | undefined;
  return {
    of(moment, ask) {
      const isGood = kept !== undefined && kept.moment.commit === moment.commit && moment.at - kept.moment.at < KEPT_MS;
      if (kept !== undefined && isGood) return kept.answer;
      const answer = ask();
      kept = { moment, answer };
      answer.catch(() => {
        if (kept?.answer === answer) kept = undefined;
      });
      return answer;
    },
  };
}
