import { UnavailableError } from '#core/errors';
import { type OwnerAnswer, type OwnerQuestion, ownerAnswer } from '#core/owner-question';
import type { ManagerLink } from './manager-link.ts';

/** Asks the manager about resource owners. */
export interface OwnerClient {
  /** @throws UnavailableError when too many questions are under way, or no answer comes in time */
  ask(question: OwnerQuestion): Promise<OwnerAnswer>;
}

/** A hash that waits behind 32 others takes some seconds, an LDAP server or a provider up to ten and more. */
const ANSWER_TIMEOUT_MS = 20_000;
const AT_ONCE = 100;
const ANSWER_LIMIT_BYTES = 65_536;

/** Makes one for a gateway: it lives in the primary, which has the link. Passwords are in no log and no error. */
export function createOwnerClient(link: ManagerLink): OwnerClient {
  let underWay = 0;
  return {
    async ask(question) {
      if (underWay >= AT_ONCE) throw new UnavailableError('Too many people sign in at once.');
      underWay += 1;
      try {
        return await send(link, JSON.stringify(question));
      } finally {
        underWay -= 1;
      }
    },
  };
}

function send(link: ManagerLink, body: string): Promise<OwnerAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = link.request({ method: 'POST', path: '/internal/v1/resource-owners', headers });
    const give = (problem: string) => {
      clearTimeout(timer);
      reject(new UnavailableError(problem));
      request.destroy();
    };
    const timer = setTimeout(give, ANSWER_TIMEOUT_MS, 'The manager did not answer a sign-in in time.');
    request.on('error', () => give('The manager cannot be reached, so nobody can sign in.'));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', () => give('The manager broke off its answer to a sign-in.'));
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_LIMIT_BYTES) give('The manager said too much.');
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const answer = response.statusCode === 200 ? parseAnswer(Buffer.concat(chunks).toString()) : undefined;
        if (answer === undefined) return give(`The manager answered a sign-in with ${response.statusCode ?? 0}.`);
        clearTimeout(timer);
        resolve(answer);
      });
    });
    request.end(body);
  });
}

function parseAnswer(text: string): OwnerAnswer | undefined {
  try {
    return ownerAnswer.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
