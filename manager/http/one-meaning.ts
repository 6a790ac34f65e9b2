import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#core/problem';

/** Header fields that we decide by. Of two of one name, one program in a row believes the first and another one the last. */
const SINGLE_FIELDS = [
  'host',
  'origin',
  'sec-fetch-site',
  'x-csrf-token',
  'if-match',
  'content-type',
  'content-encoding',
];

/**
 * Refuses requests that two programs could read differently: a field twice that must be there once (RFC 9110 §5.3, §7.2), a target with a
 * host of its own beside the Host field, a body that is encoded. What the parser refuses already — lengths that contradict each other,
 * folded lines — never comes here.
 * @throws ProblemError `request_malformed`, `media_type_unsupported`
 */
export function checkOneMeaning(request: FastifyRequest): void {
  const fields = request.raw.headersDistinct;
  const twice = SINGLE_FIELDS.find((name) => (fields[name]?.length ?? 0) > 1);
  if (twice !== undefined)
    throw new ProblemError('request_malformed', `The header field ${twice} is there more than once.`);
  if (!request.raw.url?.startsWith('/'))
    throw new ProblemError('request_malformed', 'Ask for a path; the host stands in the Host field.');
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new ProblemError('media_type_unsupported', 'Send the body without Content-Encoding.');
}
