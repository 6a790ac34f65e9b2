import type { OwnerAnswer, OwnerQuestion } from '#core/owner-question';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { checkOwnerPassword } from './check-password.ts';
import { beginExternal, finishExternal } from './external.ts';

/**
 * Answers a gateway's question about resource owners.
 * @throws ProblemError `not_found` when there is no such directory, or it is off; `unavailable`
 */
export async function answerOwnerQuestion(context: ManagerContext, question: OwnerQuestion): Promise<OwnerAnswer> {
  const place = { context, owners: context.services.owners };
  const directory = await context.db.read
    .selectFrom('directories')
    .selectAll()
    .where('name', '=', question.directory)
    .where('active', '=', 1)
    .executeTakeFirst();
  const isExternal = question.ask !== 'check-password';
  if (directory === undefined || (directory.kind === 'oidc') !== isExternal) throw notThere(question.directory);
  switch (question.ask) {
    case 'check-password':
      return checkOwnerPassword(place, directory, question);
    case 'begin-external':
      return beginExternal(place, directory, question.redirectUri);
    case 'finish-external':
      return finishExternal(place, directory, question);
  }
}

function notThere(name: string): ProblemError {
  return new ProblemError('not_found', `There is no directory ${name} of that kind, or it is off.`);
}
