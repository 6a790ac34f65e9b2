import type { FeedDirectory } from '#core/change-feed';
import { UnavailableError } from '#core/errors';
import { OWNER_PASSWORD_LIMIT, type OwnerAnswer, type OwnerQuestion } from '#core/owner-question';
import type { OwnerCheck, ResourceOwners } from '#core/resource-owner';

/** Longest name that is looked at; a longer one is nobody's. */
const USERNAME_LIMIT = 256;
const HANDLE_LIMIT = 8192;

/** What a desk needs. */
export interface OwnerDeskDeps {
  /** The directories that are on, out of the replica. */
  directories(): readonly FeedDirectory[];
  /** @throws UnavailableError */
  ask(question: OwnerQuestion): Promise<OwnerAnswer>;
}

/** The resource owners as a gateway reaches them: directories out of its replica, everything else asked of the manager (decision 12). */
export function createOwnerDesk({ directories, ask }: OwnerDeskDeps): ResourceOwners {
  return {
    findDirectory(name) {
      const found = directories().find((one) => one.name === name);
      return found && { name: found.name, displayName: found.displayName, kind: found.kind };
    },
    async checkPassword({ directory, username, password, address, clientId }) {
      // What cannot be right is not sent on. An empty one would be an anonymous bind at an LDAP server.
      const isPossible = isText(username, USERNAME_LIMIT) && username.trim() !== '';
      if (!isPossible || password === '' || !isText(password, OWNER_PASSWORD_LIMIT)) return { state: 'wrong' };
      const place = { address: address.slice(0, 64), clientId: clientId.slice(0, 64) };
      return checkOf(await ask({ ask: 'check-password', directory, username, password, ...place }));
    },
    async beginExternal({ directory, redirectUri }) {
      const answer = await ask({ ask: 'begin-external', directory, redirectUri });
      if (answer.state !== 'begun') throw new UnavailableError('The manager did not begin a sign-in at a provider.');
      return { location: answer.location, handle: answer.handle };
    },
    async finishExternal({ directory, redirectUri, handle, query }) {
      if (!isText(handle, HANDLE_LIMIT) || !isText(query, HANDLE_LIMIT)) return { state: 'wrong' };
      return checkOf(await ask({ ask: 'finish-external', directory, redirectUri, handle, query }));
    },
  };
}

/** The manager takes neither NUL nor halves of characters. */
function isText(text: string, limit: number): boolean {
  return text.length <= limit && text.isWellFormed() && !text.includes('\0');
}

function checkOf(answer: OwnerAnswer): OwnerCheck {
  if (answer.state === 'begun') throw new UnavailableError('The manager answered another question.');
  return answer;
}
