import { QuietExit, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import type { Session } from './session.ts';

/**
 * Asks before something that is hard to take back. With `--yes` it does not ask; without a person to ask it refuses.
 * @param effect what will happen, as a sentence
 */
export async function confirm(session: Session, effect: string): Promise<void> {
  if (session.isYes) return;
  if (!session.isInteractive) throw usageError(`${effect} Add --yes.`);
  const { confirm: ask, isCancel } = await import('@clack/prompts');
  const answer = await ask({ message: `${effect} Go on?`, initialValue: false });
  if (isCancel(answer) || answer !== true) {
    session.out.note('Nothing was changed.');
    throw new QuietExit(EXIT.unexpected);
  }
}
